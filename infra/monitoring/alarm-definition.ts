import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';

/** A situation in which somebody must act, and how CloudWatch recognises it. */
export interface AlarmDefinition {
  /** Construct id. The heading of its article in the runbook has the same words. */
  readonly id: string;
  /** What is wrong, whether anything is lost by it, and what cannot wait. */
  readonly summary: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly operator: ComparisonOperator;
  /** All of them must be beyond the threshold. */
  readonly periods: number;
  /** How long the alarm waits after it was made. @default not at all */
  readonly warmUp?: Duration;
  /** The first commands of `upload-ledger`, for people who have no runbook at hand. */
  readonly commands: readonly string[];
  readonly missing: TreatMissingData;
}

export const FIVE_MINUTES = Duration.minutes(5);

/** Raised when the metric was above the threshold in each of the periods. */
export function above(threshold: number, periods: number) {
  // No calls, no batches and an idle queue have no datapoints, and nothing is wrong then.
  return {
    threshold,
    periods,
    operator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    missing: TreatMissingData.NOT_BREACHING,
  };
}
