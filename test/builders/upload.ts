import type { Upload } from '../../src/upload/upload.ts';

/** An upload with a sequencer and little else. */
export function upload(parts: Partial<Upload> = {}): Upload {
  return { ...uploadWithoutSequencer(), sequencer: '0067B2F0A41C5D3E7F', ...parts };
}

/** An upload that has only what every event has. */
export function uploadWithoutSequencer(parts: Partial<Upload> = {}): Upload {
  return {
    bucket: 'acme-uploads',
    key: 'photos/cat.jpg',
    filename: 'cat.jpg',
    status: 'uploaded',
    eventName: 'ObjectCreated:Put',
    eventTime: '2026-11-22T10:15:30.123Z',
    category: 'image',
    ...parts,
  };
}
