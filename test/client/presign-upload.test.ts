import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createLedger, type UploadRequest } from '../../src/client/client.ts';

const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };

function openLedger(checksums: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED' = 'WHEN_REQUIRED') {
  const s3 = new S3Client({ region: 'eu-west-1', credentials, requestChecksumCalculation: checksums });
  return createLedger({ tableName: 'ledger', s3 });
}

const signed = async (upload: Partial<UploadRequest>) => {
  const presigned = await openLedger().presignUpload({ bucket: 'uploads', key: 'photos/cat.png', ...upload });
  return { ...presigned, query: Object.fromEntries(new URL(presigned.url).searchParams) };
};

describe('presignUpload', () => {
  it('signs name, length and type, and says which headers to send', async () => {
    const upload = { uploader: 'Jürgen Groß', contentType: 'image/png', contentLength: 3 };
    const { method, url, headers, query } = await signed(upload);
    expect({ method, headers }).toEqual({ method: 'PUT', headers: { 'content-type': 'image/png' } });
    expect(url).toMatch(/^https:\/\/uploads\.s3\.eu-west-1\.amazonaws\.com\/photos\/cat\.png\?/);
    expect(query).toMatchObject({ 'x-amz-meta-uploader': 'Jürgen Groß', 'X-Amz-Expires': '900' });
    expect(query['X-Amz-SignedHeaders']?.split(';').sort()).toEqual(['content-length', 'content-type', 'host']);
  });

  it('leaves open what is not given', async () => {
    const { headers, query } = await signed({ expiresIn: 60 });
    expect(headers).toEqual({});
    expect(query).toMatchObject({ 'X-Amz-SignedHeaders': 'host', 'X-Amz-Expires': '60' });
    expect(Object.keys(query).filter((name) => name.startsWith('x-amz-meta-'))).toEqual([]);
  });

  it('signs no checksum of an empty body, and refuses a client that would', async () => {
    const { url } = await signed({ contentLength: 3 });
    expect(url.toLowerCase()).not.toContain('checksum');
    const refused = openLedger('WHEN_SUPPORTED').presignUpload({ bucket: 'b', key: 'k' });
    await expect(refused).rejects.toMatchObject({ code: 'presign-checksum' });
  });

  it('refuses what S3 would refuse, all at once', async () => {
    const upload = { key: 'é'.repeat(600), uploader: ' ', contentType: 'png', contentLength: -1, expiresIn: 604_801 };
    await expect(signed(upload)).rejects.toThrow(
      'presignUpload: key: expected at most 1024 bytes, got 1200; ' +
        'uploader: expected a name of 1 to 256 characters, got " "; ' +
        'contentType: expected a type such as image/png, got "png"; ' +
        'contentLength: expected a whole number from 0 to 5368709120, got -1; ' +
        'expiresIn: expected a whole number from 1 to 604800, got 604801',
    );
  });
});
