/** How the events are marked that tell an EventBridge bus of new records. */
export const RECORDED_EVENT = { source: 'upload-ledger', detailType: 'UploadRecorded' } as const;
