import { describe, expect, it } from 'vitest';
import { contextSettings } from '../../infra/context-settings.ts';
import { appWithoutBundles } from './synthesized.ts';
import { temporaryApp } from './temporary-app.ts';

describe('the settings in the context', () => {
  it('are all that is not the CDK’s own', () => {
    expect(
      contextSettings({
        batchSize: 5,
        colour: 'red',
        '@aws-cdk/core:checkSecretUsage': true,
        'aws:cdk:bundling-stacks': [],
        'availability-zones:account=1:region=eu-west-1': ['a'],
        'cli-telemetry': false,
        'acknowledged-issue-numbers': [1],
      }),
    ).toEqual({ batchSize: 5, colour: 'red' });
  });

  it('are none in this project, whose cdk.json keeps every default', () => {
    expect(contextSettings(appWithoutBundles().node.getAllContext())).toEqual({});
    expect(contextSettings(temporaryApp().node.getAllContext())).toEqual({});
  });
});
