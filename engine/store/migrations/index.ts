// Made by `npm run db:generate` from the .sql files beside it.
export const MIGRATIONS: readonly { readonly tag: string; readonly sql: readonly string[] }[] = [
  {
    "tag": "0000_tables",
    "sql": [
      "CREATE TABLE `awake` (\n\t`task` text PRIMARY KEY NOT NULL\n);",
      "CREATE TABLE `callback_tokens` (\n\t`hash` text PRIMARY KEY NOT NULL,\n\t`task` text NOT NULL,\n\t`node` text NOT NULL,\n\t`attempt` integer NOT NULL,\n\t`item` integer NOT NULL\n);",
      "CREATE TABLE `counters` (\n\t`name` text PRIMARY KEY NOT NULL,\n\t`value` integer NOT NULL\n);",
      "CREATE TABLE `followers` (\n\t`task` text NOT NULL,\n\t`person` text NOT NULL,\n\tPRIMARY KEY(`task`, `person`)\n);",
      "CREATE INDEX `followers_person` ON `followers` (`person`);",
      "CREATE TABLE `inbox` (\n\t`n` integer PRIMARY KEY NOT NULL,\n\t`task` text NOT NULL,\n\t`node` text NOT NULL,\n\t`attempt` integer NOT NULL,\n\t`item` integer NOT NULL,\n\t`key` text NOT NULL,\n\t`payload` text NOT NULL,\n\t`at` integer NOT NULL,\n\t`state` text NOT NULL\n);",
      "CREATE UNIQUE INDEX `inbox_once` ON `inbox` (`task`,`node`,`attempt`,`item`,`key`);",
      "CREATE INDEX `inbox_new` ON `inbox` (`task`) WHERE \"inbox\".\"state\" = 'new';",
      "CREATE TABLE `journal` (\n\t`n` integer PRIMARY KEY NOT NULL,\n\t`task` text NOT NULL,\n\t`seq` integer NOT NULL,\n\t`at` integer NOT NULL,\n\t`actor` text NOT NULL,\n\t`events` text NOT NULL,\n\t`hash` blob NOT NULL\n);",
      "CREATE UNIQUE INDEX `journal_task_seq` ON `journal` (`task`,`seq`);",
      "CREATE TABLE `launch_keys` (\n\t`project` text NOT NULL,\n\t`client` text NOT NULL,\n\t`key` text NOT NULL,\n\t`task` text NOT NULL,\n\t`number` integer NOT NULL,\n\t`input_hash` text NOT NULL,\n\t`at` integer NOT NULL,\n\t`request` text,\n\tPRIMARY KEY(`project`, `client`, `key`)\n);",
      "CREATE INDEX `launch_keys_pending` ON `launch_keys` (`task`) WHERE \"launch_keys\".\"request\" IS NOT NULL;",
      "CREATE TABLE `logs` (\n\t`task` text NOT NULL,\n\t`node` text NOT NULL,\n\t`attempt` integer NOT NULL,\n\t`first` integer NOT NULL,\n\t`count` integer NOT NULL,\n\t`dropped` integer NOT NULL,\n\t`lines` text NOT NULL,\n\tPRIMARY KEY(`task`, `node`, `attempt`, `first`)\n);",
      "CREATE TABLE `needs` (\n\t`task` text NOT NULL,\n\t`person` text NOT NULL,\n\t`kind` text NOT NULL,\n\t`ref` text NOT NULL,\n\tPRIMARY KEY(`task`, `person`, `kind`, `ref`)\n);",
      "CREATE INDEX `needs_person` ON `needs` (`person`);",
      "CREATE TABLE `outbox` (\n\t`n` integer PRIMARY KEY AUTOINCREMENT NOT NULL,\n\t`task` text NOT NULL,\n\t`body` text NOT NULL\n);",
      "CREATE TABLE `snapshots` (\n\t`task` text PRIMARY KEY NOT NULL,\n\t`version` integer NOT NULL,\n\t`hash` blob NOT NULL,\n\t`state` text NOT NULL\n);",
      "CREATE TABLE `task_index` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`version` integer NOT NULL,\n\t`sequence` integer NOT NULL,\n\t`number` integer NOT NULL,\n\t`project` text NOT NULL,\n\t`title` text NOT NULL,\n\t`app` text,\n\t`flow` text NOT NULL,\n\t`phase` text NOT NULL,\n\t`waiting_for` text NOT NULL,\n\t`outcome` text,\n\t`started_by` text,\n\t`created_at` integer NOT NULL,\n\t`ended_at` integer,\n\t`updated_at` integer NOT NULL,\n\t`rehearsal` integer NOT NULL,\n\t`people` text NOT NULL\n);",
      "CREATE UNIQUE INDEX `task_index_number` ON `task_index` (`number`);",
      "CREATE INDEX `task_index_phase` ON `task_index` (`phase`,`updated_at`);",
      "CREATE INDEX `task_index_updated` ON `task_index` (`updated_at`);",
      "CREATE TABLE `task_secrets` (\n\t`task` text NOT NULL,\n\t`key` text NOT NULL,\n\t`sealed` text NOT NULL,\n\tPRIMARY KEY(`task`, `key`)\n);",
      "CREATE TABLE `timers` (\n\t`task` text NOT NULL,\n\t`id` text NOT NULL,\n\t`due_at` integer NOT NULL,\n\tPRIMARY KEY(`task`, `id`)\n);",
      "CREATE INDEX `timers_due` ON `timers` (`due_at`);",
      "CREATE TABLE `alerts` (\n\t`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,\n\t`place` text NOT NULL,\n\t`app` text NOT NULL,\n\t`task_id` text NOT NULL,\n\t`at` integer NOT NULL\n);",
      "CREATE INDEX `alerts_place` ON `alerts` (`place`,`app`,`at`);",
      "CREATE TABLE `audit` (\n\t`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,\n\t`at` integer NOT NULL,\n\t`person` text,\n\t`name` text NOT NULL,\n\t`token` text,\n\t`surface` text NOT NULL,\n\t`what` text NOT NULL,\n\t`target` text,\n\t`allowed` integer NOT NULL,\n\t`detail` text\n);",
      "CREATE INDEX `audit_at` ON `audit` (`at`);",
      "CREATE TABLE `bot_state` (\n\t`key` text PRIMARY KEY NOT NULL,\n\t`version` integer NOT NULL,\n\t`value` text,\n\t`expires_at` integer NOT NULL\n);",
      "CREATE INDEX `bot_state_expires` ON `bot_state` (`expires_at`);",
      "CREATE TABLE `buttons` (\n\t`token` text PRIMARY KEY NOT NULL,\n\t`card_id` text NOT NULL,\n\t`verb` text NOT NULL,\n\t`task_id` text,\n\t`node_id` text,\n\t`attempt` integer,\n\t`ask_id` text,\n\t`digest` text,\n\t`app` text,\n\t`data` text,\n\t`superseded` integer NOT NULL,\n\t`created_at` integer NOT NULL\n);",
      "CREATE INDEX `buttons_card` ON `buttons` (`card_id`);",
      "CREATE TABLE `cards` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`kind` text NOT NULL,\n\t`subject` text NOT NULL,\n\t`task_id` text NOT NULL,\n\t`ask_id` text,\n\t`node_id` text,\n\t`platform` text NOT NULL,\n\t`place` text NOT NULL,\n\t`message_id` text,\n\t`shared` integer NOT NULL,\n\t`person` text,\n\t`open` integer NOT NULL,\n\t`created_at` integer NOT NULL\n);",
      "CREATE UNIQUE INDEX `cards_place` ON `cards` (`task_id`,`subject`,`place`);",
      "CREATE INDEX `cards_task` ON `cards` (`task_id`);",
      "CREATE TABLE `codes` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`hash` text NOT NULL,\n\t`kind` text NOT NULL,\n\t`person` text,\n\t`role` text,\n\t`path` text,\n\t`answers` text,\n\t`created_by` text NOT NULL,\n\t`created_at` integer NOT NULL,\n\t`expires_at` integer NOT NULL,\n\t`used_at` integer,\n\t`used_by` text\n);",
      "CREATE UNIQUE INDEX `codes_hash` ON `codes` (`hash`);",
      "CREATE INDEX `codes_kind` ON `codes` (`kind`);",
      "CREATE TABLE `deliveries` (\n\t`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,\n\t`card_id` text NOT NULL,\n\t`platform` text NOT NULL,\n\t`urgent` integer NOT NULL,\n\t`why` text NOT NULL,\n\t`title` text,\n\t`text` text,\n\t`level` text,\n\t`state` text NOT NULL,\n\t`attempts` integer NOT NULL,\n\t`not_before` integer NOT NULL,\n\t`leased_until` integer,\n\t`created_at` integer NOT NULL,\n\t`error` text\n);",
      "CREATE INDEX `deliveries_due` ON `deliveries` (`platform`,`state`,`not_before`);",
      "CREATE INDEX `deliveries_card` ON `deliveries` (`card_id`,`state`);",
      "CREATE TABLE `documents` (\n\t`project` text NOT NULL,\n\t`kind` text NOT NULL,\n\t`name` text NOT NULL,\n\t`document` text NOT NULL,\n\t`source` text NOT NULL,\n\t`managers` text NOT NULL,\n\t`generation` integer NOT NULL,\n\t`updated_at` integer NOT NULL,\n\t`updated_by` text NOT NULL,\n\tPRIMARY KEY(`project`, `kind`, `name`)\n);",
      "CREATE TABLE `favourites` (\n\t`person` text NOT NULL,\n\t`project` text NOT NULL,\n\t`app` text NOT NULL,\n\tPRIMARY KEY(`person`, `project`, `app`)\n);",
      "CREATE TABLE `flow_versions` (\n\t`project` text NOT NULL,\n\t`name` text NOT NULL,\n\t`version` integer NOT NULL,\n\t`digest` text NOT NULL,\n\t`document` text NOT NULL,\n\t`source` text NOT NULL,\n\t`note` text,\n\t`current` integer NOT NULL,\n\t`published_at` integer NOT NULL,\n\t`published_by` text NOT NULL,\n\tPRIMARY KEY(`project`, `name`, `version`)\n);",
      "CREATE TABLE `grants` (\n\t`person` text NOT NULL,\n\t`project` text NOT NULL,\n\t`role` text NOT NULL,\n\tPRIMARY KEY(`person`, `project`)\n);",
      "CREATE TABLE `host_keys` (\n\t`project` text NOT NULL,\n\t`name` text NOT NULL,\n\t`fingerprint` text,\n\t`offered` text,\n\t`seen_at` integer NOT NULL,\n\tPRIMARY KEY(`project`, `name`)\n);",
      "CREATE TABLE `identities` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`person` text NOT NULL,\n\t`platform` text NOT NULL,\n\t`team` text NOT NULL,\n\t`user` text NOT NULL,\n\t`name` text NOT NULL,\n\t`linked_at` integer NOT NULL\n);",
      "CREATE UNIQUE INDEX `identities_account` ON `identities` (`platform`,`team`,`user`);",
      "CREATE INDEX `identities_person` ON `identities` (`person`);",
      "CREATE TABLE `mutation_answers` (\n\t`client` text NOT NULL,\n\t`mutation_id` text NOT NULL,\n\t`input_hash` text NOT NULL,\n\t`answer` text NOT NULL,\n\t`at` integer NOT NULL,\n\tPRIMARY KEY(`client`, `mutation_id`)\n);",
      "CREATE INDEX `mutation_answers_at` ON `mutation_answers` (`at`);",
      "CREATE TABLE `people` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`name` text NOT NULL,\n\t`email` text,\n\t`role` text NOT NULL,\n\t`language` text,\n\t`time_zone` text,\n\t`active` integer NOT NULL,\n\t`created_at` integer NOT NULL\n);",
      "CREATE TABLE `role_members` (\n\t`role` text NOT NULL,\n\t`person` text NOT NULL,\n\tPRIMARY KEY(`role`, `person`)\n);",
      "CREATE TABLE `secrets` (\n\t`namespace` text NOT NULL,\n\t`key` text NOT NULL,\n\t`sealed` text NOT NULL,\n\t`set_at` integer NOT NULL,\n\t`set_by` text NOT NULL,\n\tPRIMARY KEY(`namespace`, `key`)\n);",
      "CREATE TABLE `sessions` (\n\t`hash` text PRIMARY KEY NOT NULL,\n\t`person` text NOT NULL,\n\t`created_at` integer NOT NULL,\n\t`expires_at` integer NOT NULL\n);",
      "CREATE INDEX `sessions_person` ON `sessions` (`person`);",
      "CREATE TABLE `tokens` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`hash` text NOT NULL,\n\t`person` text,\n\t`name` text NOT NULL,\n\t`scopes` text NOT NULL,\n\t`created_at` integer NOT NULL,\n\t`expires_at` integer,\n\t`last_used_at` integer,\n\t`revoked_at` integer\n);",
      "CREATE UNIQUE INDEX `tokens_hash` ON `tokens` (`hash`);",
      "CREATE INDEX `tokens_person` ON `tokens` (`person`);",
      "CREATE TABLE `workspaces` (\n\t`platform` text NOT NULL,\n\t`id` text NOT NULL,\n\t`name` text NOT NULL,\n\t`role` text,\n\t`trusted_by` text,\n\t`seen_at` integer NOT NULL,\n\tPRIMARY KEY(`platform`, `id`)\n);"
    ]
  },
  {
    "tag": "0001_unbegun",
    "sql": [
      "CREATE TABLE `unbegun` (\n\t`key` text PRIMARY KEY NOT NULL\n);"
    ]
  },
  {
    "tag": "0002_sessions_of_tokens",
    "sql": [
      "ALTER TABLE `sessions` ADD `token` text;",
      "CREATE INDEX `sessions_token` ON `sessions` (`token`);"
    ]
  },
  {
    "tag": "0003_host_probes",
    "sql": [
      "CREATE TABLE `host_probes` (\n\t`project` text NOT NULL,\n\t`name` text NOT NULL,\n\t`at` integer NOT NULL,\n\t`trouble` text,\n\t`system` text,\n\t`findings` text NOT NULL,\n\tPRIMARY KEY(`project`, `name`)\n);"
    ]
  },
  {
    "tag": "0004_threads",
    "sql": [
      "ALTER TABLE `cards` ADD `memo` text;"
    ]
  },
  {
    "tag": "0005_history",
    "sql": [
      "CREATE TABLE `archive` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`number` integer NOT NULL,\n\t`project` text NOT NULL,\n\t`version` integer NOT NULL,\n\t`ended_at` integer NOT NULL,\n\t`archived_at` integer NOT NULL,\n\t`row` text NOT NULL,\n\t`body` blob NOT NULL\n);",
      "CREATE UNIQUE INDEX `archive_number` ON `archive` (`number`);",
      "CREATE TABLE `heads` (\n\t`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,\n\t`task` text NOT NULL,\n\t`version` integer NOT NULL,\n\t`hash` blob NOT NULL,\n\t`at` integer NOT NULL,\n\t`mac` blob NOT NULL\n);",
      "CREATE INDEX `heads_task` ON `heads` (`task`);",
      "CREATE TABLE `retention` (\n\t`project` text PRIMARY KEY NOT NULL,\n\t`tasks_days` integer,\n\t`logs_days` integer\n);",
      "ALTER TABLE `audit` ADD `hash` text;",
      "ALTER TABLE `audit` ADD `mac` text;",
      "CREATE INDEX `callback_tokens_task` ON `callback_tokens` (`task`);"
    ]
  },
  {
    "tag": "0006_slots_and_letters",
    "sql": [
      "CREATE TABLE `letter_counters` (\n\t`task` text PRIMARY KEY NOT NULL,\n\t`last` integer NOT NULL\n);",
      "CREATE TABLE `letters` (\n\t`task` text NOT NULL,\n\t`sequence` integer NOT NULL,\n\t`body` text NOT NULL,\n\tPRIMARY KEY(`task`, `sequence`)\n);",
      "CREATE TABLE `slots` (\n\t`n` integer PRIMARY KEY AUTOINCREMENT NOT NULL,\n\t`project` text NOT NULL,\n\t`key` text NOT NULL,\n\t`task` text NOT NULL,\n\t`most` integer NOT NULL,\n\t`state` text NOT NULL,\n\t`via` text,\n\t`digest` text NOT NULL,\n\t`ancestors` text NOT NULL,\n\t`at` integer NOT NULL\n);",
      "CREATE UNIQUE INDEX `slots_task` ON `slots` (`task`);",
      "CREATE INDEX `slots_key` ON `slots` (`project`,`key`,`n`);",
      "ALTER TABLE `task_index` ADD `parent` text;",
      "CREATE INDEX `task_index_parent` ON `task_index` (`parent`) WHERE \"task_index\".\"parent\" IS NOT NULL;"
    ]
  },
  {
    "tag": "0007_lines_of_slots",
    "sql": [
      "DROP INDEX `slots_key`;",
      "CREATE INDEX `slots_line` ON `slots` (`project`,`key`,`state`,`n`);",
      "CREATE INDEX `slots_via` ON `slots` (`via`) WHERE \"slots\".\"via\" IS NOT NULL;"
    ]
  },
  {
    "tag": "0008_persons",
    "sql": [
      "CREATE TABLE `ceremonies` (\n\t`hash` text PRIMARY KEY NOT NULL,\n\t`kind` text NOT NULL,\n\t`person` text,\n\t`data` text NOT NULL,\n\t`expires_at` integer NOT NULL\n);",
      "CREATE INDEX `ceremonies_expires` ON `ceremonies` (`expires_at`);",
      "CREATE TABLE `merges` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`keep` text NOT NULL,\n\t`gone` text NOT NULL,\n\t`state` text NOT NULL,\n\t`asked_at` integer NOT NULL,\n\t`expires_at` integer NOT NULL,\n\t`ended_at` integer,\n\t`ended_by` text,\n\t`facts` text\n);",
      "CREATE INDEX `merges_keep` ON `merges` (`keep`);",
      "CREATE INDEX `merges_gone` ON `merges` (`gone`);",
      "CREATE TABLE `passkeys` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`person` text NOT NULL,\n\t`public_key` text NOT NULL,\n\t`counter` integer NOT NULL,\n\t`transports` text NOT NULL,\n\t`name` text NOT NULL,\n\t`created_at` integer NOT NULL,\n\t`last_used_at` integer\n);",
      "CREATE INDEX `passkeys_person` ON `passkeys` (`person`);",
      "ALTER TABLE `codes` ADD `browser` text;",
      "ALTER TABLE `people` ADD `kind` text DEFAULT 'person' NOT NULL;",
      "ALTER TABLE `people` ADD `suspended_at` integer;",
      "ALTER TABLE `people` ADD `suspended_by` text;",
      "ALTER TABLE `people` ADD `suspended_why` text;",
      "ALTER TABLE `people` ADD `merged_into` text;",
      "ALTER TABLE `sessions` ADD `how` text;",
      "ALTER TABLE `sessions` ADD `browser` text;",
      "ALTER TABLE `sessions` ADD `last_seen_at` integer;",
      "ALTER TABLE `sessions` ADD `proved_at` integer;"
    ]
  },
  {
    "tag": "0009_alerts",
    "sql": [
      "-- Only the last minute's: they count towards a digest.\nDELETE FROM `alerts`;",
      "CREATE TABLE `alert_settings` (\n\t`person` text PRIMARY KEY NOT NULL,\n\t`settings` text NOT NULL,\n\t`updated_at` integer NOT NULL\n);",
      "CREATE TABLE `held_alerts` (\n\t`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,\n\t`person` text NOT NULL,\n\t`platform` text NOT NULL,\n\t`place` text NOT NULL,\n\t`kind` text NOT NULL,\n\t`subject` text NOT NULL,\n\t`task_id` text NOT NULL,\n\t`ask_id` text,\n\t`node_id` text,\n\t`why` text NOT NULL,\n\t`title` text,\n\t`text` text,\n\t`level` text,\n\t`reason` text NOT NULL,\n\t`due_at` integer NOT NULL,\n\t`created_at` integer NOT NULL\n);",
      "CREATE INDEX `held_alerts_due` ON `held_alerts` (`due_at`);",
      "CREATE INDEX `held_alerts_person` ON `held_alerts` (`person`,`place`);",
      "CREATE UNIQUE INDEX `held_alerts_subject` ON `held_alerts` (`task_id`,`subject`,`place`);",
      "CREATE TABLE `mutes` (\n\t`person` text NOT NULL,\n\t`kind` text NOT NULL,\n\t`project` text NOT NULL,\n\t`name` text NOT NULL,\n\t`until` integer,\n\t`created_at` integer NOT NULL,\n\tPRIMARY KEY(`person`, `kind`, `project`, `name`)\n);",
      "CREATE TABLE `storms` (\n\t`place` text NOT NULL,\n\t`app` text NOT NULL,\n\t`started_at` integer NOT NULL,\n\t`last_at` integer NOT NULL,\n\t`first_task` text NOT NULL,\n\t`card_id` text NOT NULL,\n\tPRIMARY KEY(`place`, `app`)\n);",
      "CREATE UNIQUE INDEX `alerts_task` ON `alerts` (`place`,`app`,`task_id`);",
      "CREATE INDEX `alerts_at` ON `alerts` (`at`);",
      "CREATE INDEX `cards_at` ON `cards` (`place`,`subject`);"
    ]
  },
  {
    "tag": "0010_administration",
    "sql": [
      "CREATE TABLE `statistics` (\n\t`project` text NOT NULL,\n\t`flow` text NOT NULL,\n\t`day` integer NOT NULL,\n\t`app` text NOT NULL,\n\t`node` text NOT NULL,\n\t`runs` integer NOT NULL,\n\t`succeeded` integer NOT NULL,\n\t`failed` integer NOT NULL,\n\t`revoked` integer NOT NULL,\n\t`retries` integer NOT NULL,\n\t`work_ms` integer NOT NULL,\n\t`wait_ms` integer NOT NULL,\n\t`sums` text NOT NULL,\n\tPRIMARY KEY(`project`, `flow`, `day`, `app`, `node`)\n);",
      "CREATE INDEX `statistics_tasks` ON `statistics` (`project`,`day`) WHERE \"statistics\".\"node\" = '';",
      "CREATE TABLE `statistics_pending` (\n\t`n` integer PRIMARY KEY AUTOINCREMENT NOT NULL,\n\t`body` text NOT NULL\n);",
      "ALTER TABLE `secrets` ADD `project` text DEFAULT 'default' NOT NULL;",
      "ALTER TABLE `secrets` ADD `last_use` text;",
      "CREATE INDEX `audit_person` ON `audit` (`person`,`id`);",
      "CREATE INDEX `audit_what` ON `audit` (`what`,`id`);",
      "CREATE INDEX `audit_target` ON `audit` (`target`,`id`);",
      "CREATE INDEX `audit_refused` ON `audit` (`id`) WHERE \"audit\".\"allowed\" = 0;"
    ]
  },
  {
    "tag": "0011_delegations",
    "sql": [
      "CREATE TABLE `delegations` (\n\t`id` text PRIMARY KEY NOT NULL,\n\t`from_person` text NOT NULL,\n\t`to_person` text NOT NULL,\n\t`from_at` integer NOT NULL,\n\t`until_at` integer NOT NULL,\n\t`reason` text,\n\t`created_at` integer NOT NULL,\n\t`created_by` text NOT NULL,\n\t`ended_at` integer,\n\t`ended_by` text\n);",
      "CREATE INDEX `delegations_from` ON `delegations` (`from_person`);",
      "CREATE INDEX `delegations_to` ON `delegations` (`to_person`);",
      "CREATE INDEX `delegations_until` ON `delegations` (`until_at`);"
    ]
  },
  {
    "tag": "0012_schedules",
    "sql": [
      "CREATE TABLE `schedule_runs` (\n\t`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,\n\t`project` text NOT NULL,\n\t`name` text NOT NULL,\n\t`key` text NOT NULL,\n\t`due_at` integer NOT NULL,\n\t`by` text,\n\t`state` text NOT NULL,\n\t`why` text,\n\t`message` text,\n\t`not_before` integer,\n\t`tries` integer NOT NULL,\n\t`count` integer NOT NULL,\n\t`task_id` text,\n\t`ended_at` integer,\n\t`at` integer NOT NULL\n);",
      "CREATE UNIQUE INDEX `schedule_runs_key` ON `schedule_runs` (`project`,`name`,`key`);",
      "CREATE INDEX `schedule_runs_due` ON `schedule_runs` (`state`,`not_before`);",
      "CREATE INDEX `schedule_runs_of` ON `schedule_runs` (`project`,`name`,`due_at`);",
      "CREATE INDEX `schedule_runs_task` ON `schedule_runs` (`task_id`);",
      "CREATE TABLE `schedules` (\n\t`project` text NOT NULL,\n\t`name` text NOT NULL,\n\t`owner` text,\n\t`due_at` integer,\n\t`paused_at` integer,\n\t`paused_by` text,\n\t`paused_why` text,\n\t`paused_reason` text,\n\tPRIMARY KEY(`project`, `name`)\n);",
      "CREATE INDEX `schedules_due` ON `schedules` (`due_at`);"
    ]
  },
  {
    "tag": "0013_lists",
    "sql": [
      "CREATE INDEX `task_index_app` ON `task_index` (`project`,`app`);",
      "CREATE INDEX `task_index_started` ON `task_index` (`started_by`) WHERE \"task_index\".\"started_by\" IS NOT NULL;",
      "CREATE INDEX `people_name` ON `people` (`name`,`id`);"
    ]
  },
  {
    "tag": "0014_most_retried",
    "sql": [
      "CREATE INDEX `statistics_retried` ON `statistics` (`project`,`day`) WHERE \"statistics\".\"node\" <> '' and \"statistics\".\"retries\" > 0;"
    ]
  },
  {
    "tag": "0015_documents_by_kind",
    "sql": [
      "CREATE INDEX `documents_kind` ON `documents` (`kind`,`name`);"
    ]
  },
  {
    "tag": "0016_cards_of_people",
    "sql": [
      "CREATE INDEX `cards_person` ON `cards` (`person`,`open`) WHERE \"cards\".\"person\" IS NOT NULL;"
    ]
  },
  {
    "tag": "0017_statistics_kept",
    "sql": [
      "ALTER TABLE `retention` ADD `statistics_days` integer;"
    ]
  },
  {
    "tag": "0018_task_titles",
    "sql": [
      "-- Titles of tasks by their pieces (titles.ts). It keeps no text, no positions and no lengths; what is made into words is made by us.\nCREATE VIRTUAL TABLE `task_titles` USING fts5(`pieces`, content = '', columnsize = 0, detail = none, tokenize = 'ascii');"
    ]
  },
  {
    "tag": "0019_who_looks_after_tools",
    "sql": [
      "ALTER TABLE `people` ADD `keeper` text;",
      "CREATE INDEX `people_keeper` ON `people` (`keeper`);",
      "ALTER TABLE `tokens` ADD `made_by` text;",
      "CREATE INDEX `tokens_made_by` ON `tokens` (`made_by`);"
    ]
  },
  {
    "tag": "0020_people_by_role",
    "sql": [
      "CREATE INDEX `grants_role` ON `grants` (`project`,`role`);",
      "CREATE INDEX `people_role` ON `people` (`role`,`name`,`id`);"
    ]
  },
  {
    "tag": "0021_fewer_pages",
    "sql": [
      "CREATE TABLE `__new_task_index` (\n\t`number` integer PRIMARY KEY NOT NULL,\n\t`id` text NOT NULL,\n\t`version` integer NOT NULL,\n\t`sequence` integer NOT NULL,\n\t`project` text NOT NULL,\n\t`title` text NOT NULL,\n\t`app` text,\n\t`flow` text NOT NULL,\n\t`phase` text NOT NULL,\n\t`waiting_for` text NOT NULL,\n\t`outcome` text,\n\t`started_by` text,\n\t`created_at` integer NOT NULL,\n\t`ended_at` integer,\n\t`updated_at` integer NOT NULL,\n\t`rehearsal` integer NOT NULL,\n\t`people` text NOT NULL,\n\t`parent` text\n);",
      "INSERT INTO `__new_task_index`(\"number\", \"id\", \"version\", \"sequence\", \"project\", \"title\", \"app\", \"flow\", \"phase\", \"waiting_for\", \"outcome\", \"started_by\", \"created_at\", \"ended_at\", \"updated_at\", \"rehearsal\", \"people\", \"parent\") SELECT \"number\", \"id\", \"version\", \"sequence\", \"project\", \"title\", \"app\", \"flow\", \"phase\", \"waiting_for\", \"outcome\", \"started_by\", \"created_at\", \"ended_at\", \"updated_at\", \"rehearsal\", \"people\", \"parent\" FROM `task_index`;",
      "DROP TABLE `task_index`;",
      "ALTER TABLE `__new_task_index` RENAME TO `task_index`;",
      "CREATE UNIQUE INDEX `task_index_id` ON `task_index` (`id`);",
      "CREATE INDEX `task_index_phase` ON `task_index` (`phase`,`updated_at`);",
      "CREATE INDEX `task_index_updated` ON `task_index` (`updated_at`);",
      "CREATE INDEX `task_index_app` ON `task_index` (`project`,`app`);",
      "CREATE INDEX `task_index_started` ON `task_index` (`started_by`) WHERE \"task_index\".\"started_by\" IS NOT NULL;",
      "CREATE INDEX `task_index_parent` ON `task_index` (`parent`) WHERE \"task_index\".\"parent\" IS NOT NULL;",
      "CREATE TABLE `__new_launch_keys` (\n\t`project` text NOT NULL,\n\t`client` text NOT NULL,\n\t`key` text NOT NULL,\n\t`task` text NOT NULL,\n\t`number` integer NOT NULL,\n\t`input_hash` text NOT NULL,\n\t`at` integer NOT NULL,\n\t`request` text,\n\tPRIMARY KEY(`project`, `client`, `key`)\n) WITHOUT ROWID;",
      "INSERT INTO `__new_launch_keys` SELECT `project`, `client`, `key`, `task`, `number`, `input_hash`, `at`, `request` FROM `launch_keys`;",
      "DROP TABLE `launch_keys`;",
      "ALTER TABLE `__new_launch_keys` RENAME TO `launch_keys`;",
      "CREATE INDEX `launch_keys_pending` ON `launch_keys` (`task`) WHERE \"launch_keys\".\"request\" IS NOT NULL;",
      "CREATE TABLE `__new_awake` (\n\t`task` text PRIMARY KEY NOT NULL\n) WITHOUT ROWID;",
      "INSERT INTO `__new_awake` SELECT `task` FROM `awake`;",
      "DROP TABLE `awake`;",
      "ALTER TABLE `__new_awake` RENAME TO `awake`;"
    ]
  }
]
