import { everyScreen } from './screens.ts'

everyScreen('390 dark Chinese', { dark: true, language: 'zh' })
