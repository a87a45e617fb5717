/** The form of Release, field by field, as its answers show and hide them. */
import { at, w, type Zh } from './fake-words.ts'

export const field = (key: string, type: string, title: string, more: object = {}) => ({
  key,
  type,
  title,
  help: null,
  group: null,
  required: true,
  readOnly: false,
  secret: false,
  visible: true,
  reachable: true,
  fixed: false,
  value: null,
  options: null,
  optionsFrom: false,
  dependsOn: [],
  pattern: null,
  min: null,
  max: null,
  minLength: null,
  maxLength: null,
  step: null,
  rows: null,
  shortcuts: [],
  notInChat: null,
  ...more,
})

export const HOSTS = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5']

export const hostOptions = {
  options: [...HOSTS, 'web-6', 'web-7', 'web-8'].map((value) => ({ value, title: value })),
  asOf: at('14:12'),
  stale: true,
}

export function formFields(zh: Zh, answers: Record<string, unknown>) {
  const production = (answers['env'] ?? 'production') === 'production'
  const with_ = (key: string, fallback: unknown) => ({ value: answers[key] ?? fallback })
  return [
    field('version', 'text', w(zh, 'Version', '版本'), { pattern: '^v\\d+\\.\\d+\\.\\d+$', ...with_('version', null) }),
    field('env', 'select', w(zh, 'Environment', '环境'), {
      options: [
        { value: 'staging', title: w(zh, 'Staging', '预发') },
        { value: 'production', title: w(zh, 'Production', '生产') },
      ],
      ...with_('env', 'production'),
    }),
    field('hosts', 'hosts', w(zh, 'Hosts', '主机'), {
      optionsFrom: true,
      shortcuts: [{ value: '@web', title: '@web' }],
      ...with_('hosts', HOSTS),
    }),
    field('region', 'select', w(zh, 'Region', '区域'), {
      dependsOn: ['env'],
      options: ['Frankfurt', 'Dublin', 'Singapore', 'Tokyo', 'Sydney', 'Virginia', 'Oregon', 'Montreal'].map(
        (value) => ({ value, title: value }),
      ),
      ...with_('region', 'Frankfurt'),
    }),
    field('strategy', 'radio', w(zh, 'Order of hosts', '主机顺序'), {
      options: ['one', 'two', 'half', 'all'].map((value, index) => ({
        value,
        title: [
          w(zh, 'One at a time', '逐台'),
          w(zh, 'Two at a time', '每次两台'),
          w(zh, 'Half at a time', '每次一半'),
          w(zh, 'All at once', '全部同时'),
        ][index],
      })),
      ...with_('strategy', 'two'),
      visible: answers['advanced'] === true,
    }),
    field('note', 'textarea', w(zh, 'Note for the room', '给群里的说明'), {
      required: false,
      rows: 3,
      ...with_('note', null),
      visible: answers['advanced'] === true,
    }),
    field('when', 'date', w(zh, 'Announce on', '公告日期'), {
      required: false,
      ...with_('when', null),
      visible: answers['advanced'] === true,
    }),
    field('timeout', 'number', w(zh, 'Minutes per host', '每台分钟数'), {
      ...with_('timeout', 5),
      visible: answers['advanced'] === true,
    }),
    field('key', 'password', w(zh, 'Deploy key', '部署密钥'), {
      secret: true,
      ...with_('key', null),
      visible: answers['advanced'] === true,
    }),
    field('tell', 'boolean', w(zh, 'Tell the room', '通知群里'), {
      required: false,
      ...with_('tell', true),
      reachable: !production,
    }),
    field('smoke', 'text', w(zh, 'Smoke test', '冒烟测试'), {
      required: false,
      ...with_('smoke', null),
      reachable: !production,
    }),
    field('channel', 'text', w(zh, 'Room', '群'), {
      fixed: true,
      value: '#release',
      visible: answers['advanced'] === true,
    }),
  ]
}
