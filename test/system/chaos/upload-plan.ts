import { type DemoStep, planDemo } from '../../../src/cli/demo/plan.ts';
import { seededRandom } from '../../../src/shared/seeded-random.ts';

/** Share of the objects that are uploaded a second time, and of those that are deleted afterwards. */
const UPLOADED_AGAIN = 0.06;
const DELETED = 0.04;

/** What is done to the bucket: each wave after the one before, its steps in any order. No wave touches a key twice. */
export type UploadPlan = readonly (readonly DemoStep[])[];

/** Exactly `uploads` uploads, with awkward keys, one in several parts and repeated ones, and deletes of some. */
export function planUploads(uploads: number, seed: number): UploadPlan {
  const random = seededRandom(seed + 1_000_003);
  const again = Math.floor(uploads * UPLOADED_AGAIN);
  const { burst } = planDemo(uploads - again + 1, seed);
  const repeated = sample(burst, again, random).map((step): DemoStep => {
    return { kind: 'put', key: step.key, body: Buffer.from(`again ${random()}`), uploader: 'frank' };
  });
  const deleted = sample(burst, Math.ceil(uploads * DELETED), random).map((step): DemoStep => {
    return { kind: 'delete', key: step.key, uploader: step.uploader };
  });
  return [burst, repeated, deleted];
}

function sample(steps: readonly DemoStep[], count: number, random: () => number): readonly DemoStep[] {
  const drawn = steps.map((step) => ({ step, place: random() })).sort((a, b) => a.place - b.place);
  return drawn.slice(0, count).map(({ step }) => step);
}
