import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/publisher/config.ts';

describe("the publisher's configuration", () => {
  it('is read from the environment', () => {
    const environment = { EVENT_BUS: 'default', POWERTOOLS_SERVICE_NAME: 'UploadLedger/Uploads' };
    expect(readConfig(environment)).toEqual({ eventBus: 'default', serviceName: 'UploadLedger/Uploads' });
  });

  it('is refused with everything that is missing', () => {
    expect(() => readConfig({ EVENT_BUS: '' })).toThrow(
      'Expected EVENT_BUS to be set; it is not. Expected POWERTOOLS_SERVICE_NAME to be set; it is not.',
    );
  });
});
