/**
 * The entry's name in the output, and its source. No dot in the name: Lambda's Node runtime takes the first dot of a handler
 * for the end of the file's name, and would look for the export `lambda.handler` of a file `consumer`.
 */
export const ENTRY = { name: 'consumer', source: 'src/consumer/consumer.lambda.ts' } as const;
