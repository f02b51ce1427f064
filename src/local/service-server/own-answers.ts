import { deleteObjects } from './delete-objects.ts';
import type { EdgeRequest, EmulatorApp } from './edge.ts';
import { listObjectsXml } from './list-objects.ts';
import type { ObjectWatch } from './object-watch.ts';
import { postFormRefusal, readPostForm } from './post-form.ts';
import { accessKeyIdOf } from './principal.ts';
import { refuse, type Visit } from './s3-edge.ts';
import { keyRefusal } from './s3-operation.ts';
import type { S3Refusal } from './s3-refusal.ts';

/** Answers what the emulator would answer wrongly, and finds out which object an upload form is about. */
export function installOwnAnswers(app: EmulatorApp, watch: ObjectWatch): void {
  app.addHook('preHandler', async (request, reply) => {
    const visit = watch.edge.visitOf(request);
    const answer = visit === undefined ? undefined : await ownAnswer(app, watch, request, visit);
    if (visit === undefined || answer === undefined) return undefined;
    if (typeof answer === 'string') reply.type('application/xml').send(answer);
    else refuse(reply, answer, visit.requestId);
    return reply;
  });
}

/** The answer's XML, a refusal, or undefined when the emulator is to answer. */
async function ownAnswer(
  app: EmulatorApp,
  { index, feed, now }: ObjectWatch,
  request: EdgeRequest,
  visit: Visit,
): Promise<string | S3Refusal | undefined> {
  const { operation, parameters } = visit;
  switch (operation.kind) {
    case 'list-objects': {
      await feed.settled();
      const objects = index.list(operation.bucket);
      // Of an empty bucket the emulator tells whether it exists.
      return objects.length === 0 ? undefined : listObjectsXml(operation.bucket, parameters, objects);
    }
    case 'delete-objects': {
      const accessKeyId = accessKeyIdOf(request.headers, parameters);
      return (await deleteObjects(app, operation.bucket, String(request.body), accessKeyId)) ?? MALFORMED_DELETE;
    }
    case 'post-form':
      return enterForm(request, visit, operation.bucket, now());
    default:
      return undefined;
  }
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
  return keyRefusal(form.key) ?? postFormRefusal(form, now);
}
