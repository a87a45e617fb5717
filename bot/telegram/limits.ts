/** What Telegram takes, in its own units (Bot API 10.1, core.telegram.org/bots/api). */
export const limits = {
  /** UTF-16 units of a message after its markup was parsed. */
  text: 4096,
  /** Beyond so many formatted pieces in one message the rest is shown plain. */
  entities: 100,
  /** UTF-16 units of the answer to a pressed button. */
  alert: 200,
  /** Bytes. */
  callbackData: 64,
  /** Not documented; longer ones are cut by the apps. */
  buttonText: 40,
  /** Side by side on a phone without cutting words. */
  buttonsInRow: 3,
  buttons: 100,
  placeholder: 64,
  startPayload: 64,
  commandDescription: 256,
  /** A press whose answer comes later shows a spinner that fails: see `press.ts`. */
  answerMs: 3000,
  webhookBody: 1024 * 1024,
} as const
