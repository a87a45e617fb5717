import type { Component } from 'svelte'
import Bell from '@lucide/svelte/icons/bell'
import Box from '@lucide/svelte/icons/box'
import Bug from '@lucide/svelte/icons/bug'
import Calendar from '@lucide/svelte/icons/calendar'
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check'
import Cloud from '@lucide/svelte/icons/cloud'
import CreditCard from '@lucide/svelte/icons/credit-card'
import Database from '@lucide/svelte/icons/database'
import Eraser from '@lucide/svelte/icons/eraser'
import FileText from '@lucide/svelte/icons/file-text'
import Flag from '@lucide/svelte/icons/flag'
import FlaskConical from '@lucide/svelte/icons/flask-conical'
import Globe from '@lucide/svelte/icons/globe'
import HardDrive from '@lucide/svelte/icons/hard-drive'
import HeartPulse from '@lucide/svelte/icons/heart-pulse'
import KeyRound from '@lucide/svelte/icons/key-round'
import Mail from '@lucide/svelte/icons/mail'
import Package from '@lucide/svelte/icons/package'
import Power from '@lucide/svelte/icons/power'
import Rocket from '@lucide/svelte/icons/rocket'
import RotateCw from '@lucide/svelte/icons/rotate-cw'
import Server from '@lucide/svelte/icons/server'
import Settings from '@lucide/svelte/icons/settings'
import Shield from '@lucide/svelte/icons/shield'
import Terminal from '@lucide/svelte/icons/terminal'
import Trash2 from '@lucide/svelte/icons/trash-2'
import Undo2 from '@lucide/svelte/icons/undo-2'
import UserPlus from '@lucide/svelte/icons/user-plus'
import Users from '@lucide/svelte/icons/users'
import Wrench from '@lucide/svelte/icons/wrench'
import Zap from '@lucide/svelte/icons/zap'

type Icon = Component<{ size?: number; strokeWidth?: number }>

/** The Lucide names an app may ask for here; all of them would be megabytes. Another name shows the box. */
const ICONS: Readonly<Record<string, Icon>> = {
  bell: Bell,
  box: Box,
  bug: Bug,
  calendar: Calendar,
  'clipboard-check': ClipboardCheck,
  cloud: Cloud,
  'credit-card': CreditCard,
  database: Database,
  eraser: Eraser,
  'file-text': FileText,
  flag: Flag,
  'flask-conical': FlaskConical,
  globe: Globe,
  'hard-drive': HardDrive,
  'heart-pulse': HeartPulse,
  key: KeyRound,
  'key-round': KeyRound,
  mail: Mail,
  package: Package,
  power: Power,
  rocket: Rocket,
  'rotate-cw': RotateCw,
  'refresh-cw': RotateCw,
  server: Server,
  settings: Settings,
  shield: Shield,
  terminal: Terminal,
  'trash-2': Trash2,
  trash: Trash2,
  'undo-2': Undo2,
  undo: Undo2,
  'user-plus': UserPlus,
  users: Users,
  wrench: Wrench,
  zap: Zap,
}
export const appIcon = (name: string | null): Icon => ICONS[name ?? ''] ?? Box
