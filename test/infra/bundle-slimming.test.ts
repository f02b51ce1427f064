import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import otherTypes from 'mime/types/other.js';
import standardTypes from 'mime/types/standard.js';
import { describe, expect, it } from 'vitest';
import { withFixedConcurrency } from '../../infra/bundle/fixed-concurrency.ts';
import { packMediaTypes, unpackMediaTypes } from '../../infra/bundle/media-type-table.ts';
import { toPlainErrors } from '../../infra/bundle/plain-errors.ts';

describe('what the bundle writes shorter', () => {
  it.each([
    ['standard', standardTypes],
    ['other', otherTypes],
  ])('keeps every media type of the %s table, in little more than half the bytes', (_, table) => {
    const packed = packMediaTypes(table);
    expect(unpackMediaTypes(packed)).toEqual(table);
    expect(packed.length).toBeLessThan(JSON.stringify(table).length * 0.65);
  });

  it('refuses a media type that it could not read back', () => {
    expect(() => packMediaTypes({ 'text/x': ['a b'] })).toThrow('text/x');
    expect(() => packMediaTypes({ 'text/x|y': ['a'] })).toThrow('text/x|y');
  });

  it('keeps every DynamoDB error as it is', () => {
    const shortened = errorsOf(toPlainErrors(errorsSource()));
    const names = [...errorsSource().matchAll(/export class (\w+)/g)].map(([, name = '']) => name);
    expect(Object.keys(shortened).sort()).toEqual(names.sort());
    const options = {
      message: 'm',
      $metadata: {},
      Message: 'M',
      Item: {},
      ThrottlingReasons: [],
      CancellationReasons: [],
    };
    for (const name of names) {
      const original = made(dynamodb, name, options);
      const short = made(shortened, name, options);
      expect({ ...short }, name).toEqual({ ...original });
      expect(short).toBeInstanceOf(dynamodb.DynamoDBServiceException);
      expect(original, name).toBeInstanceOf(shortened[name]);
    }
  });

  it('writes almost all DynamoDB errors that way', () => {
    const source = errorsSource();
    expect(toPlainErrors(source).length).toBeLessThan(source.length / 3);
  });
});

describe('what the bundle asks once', () => {
  it.each([
    [{}, false],
    [{ AWS_LAMBDA_MAX_CONCURRENCY: '' }, false],
    [{ AWS_LAMBDA_MAX_CONCURRENCY: '10' }, true],
  ])('is whether invocations may run at once: %j', (environment: NodeJS.ProcessEnv, expected) => {
    const shouldUseInvokeStore = askedOnce(environment);
    expect(shouldUseInvokeStore()).toBe(expected);
    environment.AWS_LAMBDA_MAX_CONCURRENCY = expected ? '' : '10';
    expect(shouldUseInvokeStore()).toBe(expected);
  });

  it('is refused when a new version of Powertools asks in another way', () => {
    const changed = 'const shouldUseInvokeStore = () => false;';
    expect(() => withFixedConcurrency(changed)).toThrow('adapt the substitution');
  });
});

/** Powertools' own question, from its source as the bundle has it, in a process with `environment`. */
function askedOnce(environment: NodeJS.ProcessEnv): () => boolean {
  const logger = createRequire(import.meta.url).resolve('@aws-lambda-powertools/logger');
  const entry = createRequire(logger).resolve('@aws-lambda-powertools/commons');
  const source = readFileSync(entry.replace(/cjs.*$/, 'esm/envUtils.js'), 'utf8');
  const body = withFixedConcurrency(source).replaceAll(/^(import|export) .*$/gm, '');
  const constants = { AWS_LAMBDA_MAX_CONCURRENCY: 'AWS_LAMBDA_MAX_CONCURRENCY' };
  const names = ['process', ...Object.keys(constants)];
  return new Function(...names, `${body}; return shouldUseInvokeStore;`)(
    { env: environment },
    ...Object.values(constants),
  );
}

/** An error of the class that `classes` has under `name`. */
function made(classes: object, name: string, options: object): Error {
  return Reflect.construct(Reflect.get(classes, name), [options]);
}

function errorsSource(): string {
  const entry = createRequire(import.meta.url).resolve('@aws-sdk/client-dynamodb');
  return readFileSync(entry.replace(/dist-cjs.*$/, 'dist-es/models/errors.js'), 'utf8');
}

/** Runs the module's text with the client's base class. */
function errorsOf(source: string): Record<string, () => Error> {
  const names = [...source.matchAll(/export (?:class|const) (\w+)/g)].map(([, name]) => name);
  const body = source.replace(/^import .*$/m, '').replaceAll('export ', '');
  return new Function('__BaseException', `${body}; return { ${names.join(', ')} };`)(dynamodb.DynamoDBServiceException);
}
