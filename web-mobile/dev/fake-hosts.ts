/** Hosts, and what a look at one finds. */
import type { Call } from './fake-words.ts'
import { at, w } from './fake-words.ts'

/** What a look at a host found. */
export function probe(zh: boolean, state: 'READY' | 'LACKING' | 'PROBING' | 'UNREACHABLE') {
  const linger = {
    code: 'NO_LINGER',
    needed: true,
    what: w(zh, 'Permission to run on after logging out', '退出登录后继续运行的许可'),
    why: w(
      zh,
      'Everything of shop is ended when it logs out (KillUserProcesses).',
      'shop 一退出登录，它的进程就全部被结束（KillUserProcesses）。',
    ),
    wayOut: w(zh, 'Run there: loginctl enable-linger shop', '在那里运行：loginctl enable-linger shop'),
  }
  const setsid = {
    code: 'NO_SETSID',
    needed: false,
    what: 'setsid',
    why: w(zh, 'nohup is used instead, which protects a script less well.', '改用 nohup，对脚本的保护弱一些。'),
    wayOut: w(zh, 'Install util-linux on web-3.', '在 web-3 上安装 util-linux。'),
  }
  const away = {
    code: 'HOST_UNREACHABLE',
    needed: true,
    what: w(zh, 'A connection to old-1', '到 old-1 的连接'),
    why: 'Cannot reach old-1 (10.0.0.40:22): no answer in 10 s',
    wayOut: w(
      zh,
      'Look whether it is switched on, and whether address, port and firewall are right.',
      '看它是否开机，地址、端口、防火墙是否正确。',
    ),
  }
  const missing = { READY: [], PROBING: [], LACKING: [linger, setsid], UNREACHABLE: [away] }[state]
  return {
    state,
    at: at('14:10'),
    system: state === 'UNREACHABLE' ? null : 'Linux 6.1.0 x86_64',
    missing,
    ok: state === 'READY',
  }
}

/** One host for each look of the page. */
export const hostAnswers = {
  hosts: (_: unknown, __: unknown, { zh }: Call) => [
    {
      name: 'web-1',
      project: 'default',
      address: '10.0.0.11',
      port: 22,
      user: 'shop',
      labels: ['web'],
      fingerprint: 'SHA256:p1k0Yx0vF0qJm8c3',
      offeredFingerprint: null,
      changed: false,
      probe: probe(zh, 'READY'),
    },
    {
      name: 'web-3',
      project: 'default',
      address: '10.0.0.13',
      port: 22,
      user: 'shop',
      labels: ['web'],
      fingerprint: 'SHA256:q7Wm2Lx9vF0qJm8c3',
      offeredFingerprint: null,
      changed: false,
      probe: probe(zh, 'LACKING'),
    },
    {
      name: 'web-4',
      project: 'default',
      address: '10.0.0.14',
      port: 22,
      user: 'shop',
      labels: ['web'],
      fingerprint: 'SHA256:u4Tn8Rz1vF0qJm8c3',
      offeredFingerprint: null,
      changed: false,
      probe: probe(zh, 'PROBING'),
    },
    {
      name: 'old-1',
      project: 'default',
      address: '10.0.0.40',
      port: 22,
      user: 'shop',
      labels: [],
      fingerprint: 'SHA256:m3Pd6Kx5vF0qJm8c3',
      offeredFingerprint: null,
      changed: false,
      probe: probe(zh, 'UNREACHABLE'),
    },
    {
      name: 'web-2',
      project: 'default',
      address: '10.0.0.12',
      port: 22,
      user: 'shop',
      labels: ['web'],
      fingerprint: null,
      offeredFingerprint: 'SHA256:Zr2v0a91LwTqE7Ys',
      changed: false,
    },
    {
      name: 'db-1',
      project: 'default',
      address: '10.0.0.20',
      port: 22,
      user: 'ops',
      labels: [],
      fingerprint: 'SHA256:aaa',
      offeredFingerprint: 'SHA256:bbb',
      changed: true,
    },
  ],
}
