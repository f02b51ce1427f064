import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/publisher/config.ts';

describe("the publisher's configuration", () => {
  it('is read from the environment', () => {
    const environment = {
      EVENT_BUS: 'default',
      LEDGER_TABLE_ARN: 'arn:aws:dynamodb:eu-west-1:111122223333:table/uploads',
      POWERTOOLS_SERVICE_NAME: 'UploadLedger/Uploads',
    };
    const config = {
      eventBus: 'default',
      tableArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/uploads',
      formats: [],
      serviceName: 'UploadLedger/Uploads',
    };
    expect(readConfig(environment)).toEqual(config);
    expect(readConfig({ ...environment, BODY_FORMATS: 'json,teams' })).toEqual({
      ...config,
      formats: ['json', 'teams'],
    });
  });

  it('is refused with everything that is missing or wrong', () => {
    expect(() => readConfig({ EVENT_BUS: '', BODY_FORMATS: 'json,xml' })).toThrow(
      'Expected EVENT_BUS to be set; it is not. Expected LEDGER_TABLE_ARN to be set; it is not. Expected BODY_FORMATS to be a list of json, slack, teams, chat; got "xml". Expected POWERTOOLS_SERVICE_NAME to be set; it is not.',
    );
  });
});
