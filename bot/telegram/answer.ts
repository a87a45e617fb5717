import { GrammyError, type Api } from 'grammy'
import type { Log } from '../core/contract.ts'
import { clip } from './html.ts'
import { limits } from './limits.ts'
import { sayError } from './transport.ts'

/** The one answer to a pressed button. Until it comes the button spins, so it comes by itself when the work takes long. */
export interface Answer {
  /** Empty: only stops the spinning. False when it was given already: say it some other way. */
  say(text: string, alert: boolean): Promise<boolean>
  /** Says "Recording…" unless something was said. */
  end(): Promise<void>
  readonly given: boolean
}
/** Leaves most of the three seconds (`limits.answerMs`) to the network. */
const PATIENCE_MS = 1200

export function answerTo(api: Api, callbackQueryId: string, recording: string, log: Log): Answer {
  let given = false
  const give = async (text: string, alert: boolean): Promise<boolean> => {
    if (given) return false
    given = true
    clearTimeout(timer)
    try {
      await api.answerCallbackQuery(
        callbackQueryId,
        text === '' ? {} : { text: clip(text, limits.alert), show_alert: alert },
      )
    } catch (error) {
      // Too late is too late; whoever pressed sees the card change.
      log.warn(
        { error: sayError(error), late: error instanceof GrammyError },
        'Telegram: a press could not be answered',
      )
    }
    return true
  }
  const timer = setTimeout(() => void give(recording, false), PATIENCE_MS)
  timer.unref()
  return {
    say: give,
    end: async () => void (await give(recording, false)),
    get given() {
      return given
    },
  }
}
