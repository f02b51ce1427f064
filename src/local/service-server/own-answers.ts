import { deleteObjects } from './delete-objects.ts';
import type { EdgeRequest, EmulatorApp } from './edge.ts';
import { listObjectsXml } from './list-objects.ts';
import type { ObjectWatch } from './object-watch.ts';
import { postFormRefusal, readPostForm } from './post-form.ts';
import { accessKeyIdOf } from './principal.ts';
import { refuse, type Visit } from './s3-edge.ts';
import type { S3Refusal } from './s3-refusal.ts';

/** Answers what the emulator would answer wrongly, and finds out which object an upload form is about. */
export function installOwnAnswers(app: EmulatorApp, { edge, index, feed, now }: ObjectWatch): void {
  app.addHook('preHandler', async (request, reply) => {
    const visit = edge.visitOf(request);
    const body = request.body;
    if (visit === undefined || !Buffer.isBuffer(body)) return undefined;
    const { operation, parameters } = visit;
    if (operation.kind === 'list-objects') {
      await feed.settled();
      const objects = index.list(operation.bucket);
      // Of an empty bucket the emulator tells whether it exists.
      if (objects.length === 0) return undefined;
      return reply.type('application/xml').send(listObjectsXml(operation.bucket, parameters, objects));
    }
    if (operation.kind === 'delete-objects') {
      const accessKeyId = accessKeyIdOf(request.headers, parameters);
      const answer = await deleteObjects(app, operation.bucket, body.toString(), accessKeyId);
      if (answer !== undefined) return reply.type('application/xml').send(answer);
      refuse(reply, MALFORMED_DELETE, visit.requestId);
      return reply;
    }
    const refusal = operation.kind === 'post-form' ? enterForm(request, visit, operation.bucket, now()) : undefined;
    if (refusal === undefined) return undefined;
    refuse(reply, refusal, visit.requestId);
    return reply;
  });
}

const MALFORMED_DELETE: S3Refusal = {
  status: 400,
  code: 'MalformedXML',
  message: 'Expected a Delete document with 1 to 1000 keys, none of them empty.',
};

/** Turns a form's visit into one about its object; the refusal, if the form must not go further. */
function enterForm(request: EdgeRequest, visit: Visit, bucket: string, now: number): S3Refusal | undefined {
  const form = readPostForm(request.body as Buffer, visit.contentType ?? '');
  if (form === undefined) return undefined;
  request.body = form.body;
  visit.operation = { kind: 'write', change: 'Post', bucket, key: form.key };
  visit.parameters = form.fields;
  return postFormRefusal(form, now);
}
