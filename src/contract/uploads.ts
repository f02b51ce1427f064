/** Bounded groups of content types: metric dimension, digest grouping, condition of alert rules, and filter. */
export const CATEGORIES = ['image', 'video', 'audio', 'document', 'archive', 'data', 'code', 'other'] as const;

export type Category = (typeof CATEGORIES)[number];

/** What happened to the object. */
export const UPLOAD_STATUSES = ['uploaded', 'deleted', 'restored'] as const;

export type UploadStatus = (typeof UPLOAD_STATUSES)[number];

/** How the uploader was found. */
export const UPLOADER_SOURCES = ['key-template', 'metadata', 'session-name', 'principal'] as const;

export type UploaderSource = (typeof UPLOADER_SOURCES)[number];

/** How the content type was found: so far it is always a guess from the key's extension. */
export const CONTENT_TYPE_SOURCES = ['extension'] as const;

export type ContentTypeSource = (typeof CONTENT_TYPE_SOURCES)[number];

/** {@link UploaderSource} for people. */
export const UPLOADER_SOURCE_LABELS: Readonly<Record<UploaderSource, string>> = {
  'key-template': 'named by the key',
  metadata: "named by the object's metadata",
  'session-name': 'session name of the role that signed',
  principal: 'principal that signed',
};
