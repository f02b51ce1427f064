import { describe, expect, it } from 'vitest';
import { parseKeyTemplate } from '../../src/shared/key-template.ts';
import { findUploader, MAX_UPLOADER_LENGTH } from '../../src/upload/uploader.ts';
import { eventRecord } from '../builders/event-record.ts';

const template = parseKeyTemplate('uploads/{uploader}/{*}');
const byPrincipal = (principalId: string) => findUploader(eventRecord({ principalId }));

describe('the uploader', () => {
  it('is the one that the key names, whoever signed', () => {
    const event = eventRecord({ key: 'uploads/alice/cat.jpg', principalId: 'AWS:AROAEXAMPLE:presigner' });
    expect(findUploader(event, template)).toEqual({ uploader: 'alice', uploaderSource: 'key-template' });
  });

  it('is the one that the metadata names where the key names nobody', () => {
    const event = eventRecord({ key: 'elsewhere/cat.jpg', principalId: 'AWS:AROAEXAMPLE:presigner' });
    expect(findUploader(event, template, 'carol')).toEqual({ uploader: 'carol', uploaderSource: 'metadata' });
    const named = eventRecord({ key: 'uploads/alice/cat.jpg' });
    expect(findUploader(named, template, 'carol')).toEqual({ uploader: 'alice', uploaderSource: 'key-template' });
    expect(findUploader(event, undefined, ' ')).toEqual({ uploader: 'presigner', uploaderSource: 'session-name' });
  });

  it('is the signer where the key names nobody', () => {
    const event = eventRecord({ key: 'elsewhere/cat.jpg', principalId: 'AWS:AROAEXAMPLE:bob' });
    expect(findUploader(event, template)).toEqual({ uploader: 'bob', uploaderSource: 'session-name' });
  });

  it.each([
    ['AWS:AROAEXAMPLE:bob', 'bob'],
    ['AROAEXAMPLE:bob', 'bob'],
    ['AWS:AROAEXAMPLE:bob@example.com', 'bob@example.com'],
    ['AWS:AROAEXAMPLE:a:b', 'a:b'],
    ['AWS:111122223333:bob', 'bob'],
  ])('is the session for a role or a federated user: %s', (principalId, uploader) => {
    expect(byPrincipal(principalId)).toEqual({ uploader, uploaderSource: 'session-name' });
  });

  it.each([
    ['AWS:AIDAEXAMPLE', 'AIDAEXAMPLE'],
    ['AIDAEXAMPLE', 'AIDAEXAMPLE'],
    ['111122223333', '111122223333'],
    ['s3.amazonaws.com', 's3.amazonaws.com'],
    ['AmazonCustomer:A2EXAMPLE', 'AmazonCustomer:A2EXAMPLE'],
    ['AWS:AROAEXAMPLE:', 'AROAEXAMPLE:'],
    ['minioadmin', 'minioadmin'],
    ['xAWS:AIDAEXAMPLE', 'xAWS:AIDAEXAMPLE'],
  ])('is the principal otherwise, without the prefix AWS: — %s', (principalId, uploader) => {
    expect(byPrincipal(principalId)).toEqual({ uploader, uploaderSource: 'principal' });
  });

  it.each(['AWS:', ' ', '\n'])('is absent when the principal says nothing: "%s"', (principalId) => {
    expect(byPrincipal(principalId)).toBeUndefined();
  });

  it('is absent without a principal', () => {
    expect(findUploader(eventRecord())).toBeUndefined();
    expect(findUploader(eventRecord({ key: 'uploads/ /cat.jpg' }), template)).toBeUndefined();
  });

  it('keeps untrusted characters as they came: they are data', () => {
    const untrusted = '\u001b[31malice\u0000\u202e';
    expect(findUploader(eventRecord({ key: `uploads/${untrusted}/x` }), template)?.uploader).toBe(untrusted);
  });

  it('is cut at its limit, and never in the middle of a character', () => {
    const key = (name: string) => eventRecord({ key: `uploads/${name}/x` });
    const bound = 'a'.repeat(MAX_UPLOADER_LENGTH);
    expect(findUploader(key(bound), template)?.uploader).toBe(bound);
    expect(findUploader(key(`${bound}b`), template)?.uploader).toBe(bound);
    const cut = findUploader(key(`${bound.slice(1)}😀`), template)?.uploader;
    expect(cut).toHaveLength(MAX_UPLOADER_LENGTH);
    expect(cut?.isWellFormed()).toBe(true);
  });
});
