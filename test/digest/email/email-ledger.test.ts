import { describe, expect, it } from 'vitest';
import { ledgerCommand, ledgerLine, subjectMark, toEmailLedger } from '../../../src/digest/email/email-ledger.ts';

const queueUrl = 'https://sqs.eu-central-1.amazonaws.com/111122223333/uploadledger-uploads-queue';
const deployed = toEmailLedger({ stackName: 'Invoices', region: 'eu-central-1', queueUrl });

describe('the ledger that an email is about', () => {
  it('is a stack, its account and its Region', () => {
    expect(ledgerLine(deployed)).toBe('Stack Invoices, account 111122223333, eu-central-1');
    expect(subjectMark(deployed)).toBe(' [Invoices]');
  });

  it('has commands that need no default of the shell they are pasted into', () => {
    expect(ledgerCommand('dlq redrive', deployed)).toBe(
      'upload-ledger dlq redrive --stack Invoices --region eu-central-1',
    );
  });

  it('is the local stack without the name of a stack', () => {
    const local = toEmailLedger({ region: 'us-east-1', queueUrl: 'http://127.0.0.1:4100/000000000000/queue' });
    expect(local).toEqual({ account: '000000000000', region: 'us-east-1' });
    expect([ledgerLine(local), subjectMark(local)]).toEqual(['The local stack', '']);
    expect(ledgerCommand('dlq list', local)).toBe('upload-ledger dlq list --local');
  });
});
