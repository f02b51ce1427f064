/** The question as Powertools asks it, each time anew: whether invocations may run at once in one environment. */
const ASKED_EACH_TIME =
  /const shouldUseInvokeStore = \(\) => \{(\s+const res = getStringFromEnv\([^)]*\);\s+return res !== '';\s+)\};/;

/**
 * Lets Powertools' `envUtils.js` ask once, when it loads, whether invocations may run at once in one environment: the variable is set by
 * Lambda before the function starts. Every look into the environment leaves JavaScript, and Powertools asks several times for
 * each message of a batch and for each value of a metric.
 *
 * @throws Error when the function is not written as expected, so that a new version cannot silently undo this.
 */
export function withFixedConcurrency(source: string): string {
  if (!ASKED_EACH_TIME.test(source)) {
    throw new Error("Expected shouldUseInvokeStore in Powertools' envUtils.js as it was; adapt the substitution.");
  }
  return source.replace(
    ASKED_EACH_TIME,
    'const usesInvokeStore = (() => {$1})();\nconst shouldUseInvokeStore = () => usesInvokeStore;',
  );
}
