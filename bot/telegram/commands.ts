import type { Api } from 'grammy'
import { telegramTexts, type TelegramTexts } from './texts.ts'

/** The list the app offers when somebody types `/`, in each language. */
const commandsOf = ({ commands }: TelegramTexts): { command: string; description: string }[] =>
  Object.entries(commands).map(([command, description]) => ({ command, description }))

export async function tellCommands(api: Api): Promise<void> {
  await api.setMyCommands(commandsOf(telegramTexts('en')))
  await api.setMyCommands(commandsOf(telegramTexts('zh')), { language_code: 'zh' })
}
