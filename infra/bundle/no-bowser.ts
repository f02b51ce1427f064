/**
 * Stands in the consumer's bundle for `bowser`, which the SDK's common code imports to read a browser's user agent: 34 kB in a file of
 * their own that Node never loads.
 */
export default {};
