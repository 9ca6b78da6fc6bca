/** A message as its consumer got it from a queue. */
export type ReceivedMessage = { queueArn: string; receipt: string }

/**
 * Has a queue deliver a message again after that time, in seconds, rather than when its visibility timeout is over: that one leaves time for the
 * slowest consumer, and who has failed needs it no more.
 *
 * @throws when the queue cannot be told, SluiceError `unavailable` when that may pass; the message then comes when its visibility timeout is over
 */
export type DeliverAgain = (message: ReceivedMessage, seconds: number) => Promise<void>
