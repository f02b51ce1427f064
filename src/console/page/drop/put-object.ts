/**
 * Uploads to a presigned URL, as any client of S3 does. By XMLHttpRequest, because `fetch` does not tell how far an upload is.
 *
 * @param onShare Told how much is sent, from 0 to 1.
 */
export function putObject(url: string, body: Blob, onShare: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener('progress', ({ loaded, total }) => onShare(total === 0 ? 1 : loaded / total));
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new Error(`The bucket answered ${request.status}: ${codeIn(request.responseText)}`));
    });
    request.addEventListener('error', () => reject(new Error('The bucket does not answer.')));
    request.open('PUT', url);
    if (body.type === '') request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(body);
  });
}

/** S3's code of an error, out of its XML. */
function codeIn(xml: string): string {
  return /<Code>([^<]{1,100})<\/Code>/.exec(xml)?.[1] ?? 'no reason given';
}
