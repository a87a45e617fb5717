import { mount } from 'svelte'
import AppView from './App.svelte'
import './tokens.css'
import './base.css'
import { App, type Language, type Theme } from './state/app.svelte.ts'
import type { Texts } from './texts/en.ts'

/** One language per load: the other comes when it is chosen. */
const loadTexts = async (language: Language): Promise<Texts> =>
  language === 'zh' ? (await import('./texts/zh.ts')).zh : (await import('./texts/en.ts')).en

const chosen = localStorage.getItem('baton.language')
const language: Language =
  chosen === 'zh' || chosen === 'en' ? chosen : navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
const painted = localStorage.getItem('baton.theme')
const theme: Theme = painted === 'light' || painted === 'dark' ? painted : 'auto'

const app = new App(
  {
    browser: { location, history, addEventListener: (kind, listener) => window.addEventListener(kind, listener) },
    storage: localStorage,
    session: sessionStorage,
    fetch: (request) => fetch(request),
    url: `${location.origin}/graphql`,
    now: Date.now,
    loadTexts,
  },
  await loadTexts(language),
  { language, theme, chosen: chosen !== null },
)
const target = document.getElementById('app')
if (target) mount(AppView, { target, props: { app } })

// The page opens in a tunnel, too. Over plain http there is no service worker, and the page works without.
if ('serviceWorker' in navigator && import.meta.env.PROD) void keepOnDevice().catch(() => undefined)

async function keepOnDevice(): Promise<void> {
  await navigator.serviceWorker.register('/sw.js')
  const { active } = await navigator.serviceWorker.ready
  const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
  active?.postMessage(loaded.filter((path) => path.startsWith('/assets/')))
}
