import type { EmulatorApp } from './edge.ts';
import { refuse, type S3Edge } from './s3-edge.ts';
import type { S3Refusal } from './s3-refusal.ts';

/** Answers S3 requests that fail outside the emulator's own checks as S3 would: in XML, with a code. */
export function installErrorAnswers(app: EmulatorApp, edge: S3Edge): void {
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    const visit = edge.visitOf(request);
    if (visit === undefined) {
      reply.code(error.statusCode ?? 500).send({ __type: 'InternalFailure', message: error.message });
      return;
    }
    refuse(reply, refusalFor(error.statusCode ?? 500, error.message), visit.requestId);
  });
}

function refusalFor(status: number, message: string): S3Refusal {
  if (status === 413) {
    return {
      status: 400,
      code: 'EntityTooLarge',
      message: 'The body is larger than the local stack takes in one request.',
    };
  }
  return status < 500 ? { status, code: 'InvalidRequest', message } : { status, code: 'InternalError', message };
}
