CREATE TABLE `awake` (
	`task` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE `callback_tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`task` text NOT NULL,
	`node` text NOT NULL,
	`attempt` integer NOT NULL,
	`item` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `counters` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `followers` (
	`task` text NOT NULL,
	`person` text NOT NULL,
	PRIMARY KEY(`task`, `person`)
);
--> statement-breakpoint
CREATE INDEX `followers_person` ON `followers` (`person`);--> statement-breakpoint
CREATE TABLE `inbox` (
	`n` integer PRIMARY KEY NOT NULL,
	`task` text NOT NULL,
	`node` text NOT NULL,
	`attempt` integer NOT NULL,
	`item` integer NOT NULL,
	`key` text NOT NULL,
	`payload` text NOT NULL,
	`at` integer NOT NULL,
	`state` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `inbox_once` ON `inbox` (`task`,`node`,`attempt`,`item`,`key`);--> statement-breakpoint
CREATE INDEX `inbox_new` ON `inbox` (`task`) WHERE "inbox"."state" = 'new';--> statement-breakpoint
CREATE TABLE `journal` (
	`n` integer PRIMARY KEY NOT NULL,
	`task` text NOT NULL,
	`seq` integer NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`events` text NOT NULL,
	`hash` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `journal_task_seq` ON `journal` (`task`,`seq`);--> statement-breakpoint
CREATE TABLE `launch_keys` (
	`project` text NOT NULL,
	`client` text NOT NULL,
	`key` text NOT NULL,
	`task` text NOT NULL,
	`number` integer NOT NULL,
	`input_hash` text NOT NULL,
	`at` integer NOT NULL,
	`request` text,
	PRIMARY KEY(`project`, `client`, `key`)
);
--> statement-breakpoint
CREATE INDEX `launch_keys_pending` ON `launch_keys` (`task`) WHERE "launch_keys"."request" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `logs` (
	`task` text NOT NULL,
	`node` text NOT NULL,
	`attempt` integer NOT NULL,
	`first` integer NOT NULL,
	`count` integer NOT NULL,
	`dropped` integer NOT NULL,
	`lines` text NOT NULL,
	PRIMARY KEY(`task`, `node`, `attempt`, `first`)
);
--> statement-breakpoint
CREATE TABLE `needs` (
	`task` text NOT NULL,
	`person` text NOT NULL,
	`kind` text NOT NULL,
	`ref` text NOT NULL,
	PRIMARY KEY(`task`, `person`, `kind`, `ref`)
);
--> statement-breakpoint
CREATE INDEX `needs_person` ON `needs` (`person`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`n` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`task` text NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `snapshots` (
	`task` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`hash` blob NOT NULL,
	`state` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `task_index` (
	`id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`sequence` integer NOT NULL,
	`number` integer NOT NULL,
	`project` text NOT NULL,
	`title` text NOT NULL,
	`app` text,
	`flow` text NOT NULL,
	`phase` text NOT NULL,
	`waiting_for` text NOT NULL,
	`outcome` text,
	`started_by` text,
	`created_at` integer NOT NULL,
	`ended_at` integer,
	`updated_at` integer NOT NULL,
	`rehearsal` integer NOT NULL,
	`people` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `task_index_number` ON `task_index` (`number`);--> statement-breakpoint
CREATE INDEX `task_index_phase` ON `task_index` (`phase`,`updated_at`);--> statement-breakpoint
CREATE INDEX `task_index_updated` ON `task_index` (`updated_at`);--> statement-breakpoint
CREATE TABLE `task_secrets` (
	`task` text NOT NULL,
	`key` text NOT NULL,
	`sealed` text NOT NULL,
	PRIMARY KEY(`task`, `key`)
);
--> statement-breakpoint
CREATE TABLE `timers` (
	`task` text NOT NULL,
	`id` text NOT NULL,
	`due_at` integer NOT NULL,
	PRIMARY KEY(`task`, `id`)
);
--> statement-breakpoint
CREATE INDEX `timers_due` ON `timers` (`due_at`);--> statement-breakpoint
CREATE TABLE `alerts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`place` text NOT NULL,
	`app` text NOT NULL,
	`task_id` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `alerts_place` ON `alerts` (`place`,`app`,`at`);--> statement-breakpoint
CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`person` text,
	`name` text NOT NULL,
	`token` text,
	`surface` text NOT NULL,
	`what` text NOT NULL,
	`target` text,
	`allowed` integer NOT NULL,
	`detail` text
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);--> statement-breakpoint
CREATE TABLE `bot_state` (
	`key` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`value` text,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `bot_state_expires` ON `bot_state` (`expires_at`);--> statement-breakpoint
CREATE TABLE `buttons` (
	`token` text PRIMARY KEY NOT NULL,
	`card_id` text NOT NULL,
	`verb` text NOT NULL,
	`task_id` text,
	`node_id` text,
	`attempt` integer,
	`ask_id` text,
	`digest` text,
	`app` text,
	`data` text,
	`superseded` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `buttons_card` ON `buttons` (`card_id`);--> statement-breakpoint
CREATE TABLE `cards` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`task_id` text NOT NULL,
	`ask_id` text,
	`node_id` text,
	`platform` text NOT NULL,
	`place` text NOT NULL,
	`message_id` text,
	`shared` integer NOT NULL,
	`person` text,
	`open` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `cards_place` ON `cards` (`task_id`,`subject`,`place`);--> statement-breakpoint
CREATE INDEX `cards_task` ON `cards` (`task_id`);--> statement-breakpoint
CREATE TABLE `codes` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`kind` text NOT NULL,
	`person` text,
	`role` text,
	`path` text,
	`answers` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	`used_by` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `codes_hash` ON `codes` (`hash`);--> statement-breakpoint
CREATE INDEX `codes_kind` ON `codes` (`kind`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`card_id` text NOT NULL,
	`platform` text NOT NULL,
	`urgent` integer NOT NULL,
	`why` text NOT NULL,
	`title` text,
	`text` text,
	`level` text,
	`state` text NOT NULL,
	`attempts` integer NOT NULL,
	`not_before` integer NOT NULL,
	`leased_until` integer,
	`created_at` integer NOT NULL,
	`error` text
);
--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`platform`,`state`,`not_before`);--> statement-breakpoint
CREATE INDEX `deliveries_card` ON `deliveries` (`card_id`,`state`);--> statement-breakpoint
CREATE TABLE `documents` (
	`project` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`document` text NOT NULL,
	`source` text NOT NULL,
	`managers` text NOT NULL,
	`generation` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL,
	PRIMARY KEY(`project`, `kind`, `name`)
);
--> statement-breakpoint
CREATE TABLE `favourites` (
	`person` text NOT NULL,
	`project` text NOT NULL,
	`app` text NOT NULL,
	PRIMARY KEY(`person`, `project`, `app`)
);
--> statement-breakpoint
CREATE TABLE `flow_versions` (
	`project` text NOT NULL,
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`digest` text NOT NULL,
	`document` text NOT NULL,
	`source` text NOT NULL,
	`note` text,
	`current` integer NOT NULL,
	`published_at` integer NOT NULL,
	`published_by` text NOT NULL,
	PRIMARY KEY(`project`, `name`, `version`)
);
--> statement-breakpoint
CREATE TABLE `grants` (
	`person` text NOT NULL,
	`project` text NOT NULL,
	`role` text NOT NULL,
	PRIMARY KEY(`person`, `project`)
);
--> statement-breakpoint
CREATE TABLE `host_keys` (
	`project` text NOT NULL,
	`name` text NOT NULL,
	`fingerprint` text,
	`offered` text,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`project`, `name`)
);
--> statement-breakpoint
CREATE TABLE `identities` (
	`id` text PRIMARY KEY NOT NULL,
	`person` text NOT NULL,
	`platform` text NOT NULL,
	`team` text NOT NULL,
	`user` text NOT NULL,
	`name` text NOT NULL,
	`linked_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `identities_account` ON `identities` (`platform`,`team`,`user`);--> statement-breakpoint
CREATE INDEX `identities_person` ON `identities` (`person`);--> statement-breakpoint
CREATE TABLE `mutation_answers` (
	`client` text NOT NULL,
	`mutation_id` text NOT NULL,
	`input_hash` text NOT NULL,
	`answer` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`client`, `mutation_id`)
);
--> statement-breakpoint
CREATE INDEX `mutation_answers_at` ON `mutation_answers` (`at`);--> statement-breakpoint
CREATE TABLE `people` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`email` text,
	`role` text NOT NULL,
	`language` text,
	`time_zone` text,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `role_members` (
	`role` text NOT NULL,
	`person` text NOT NULL,
	PRIMARY KEY(`role`, `person`)
);
--> statement-breakpoint
CREATE TABLE `secrets` (
	`namespace` text NOT NULL,
	`key` text NOT NULL,
	`sealed` text NOT NULL,
	`set_at` integer NOT NULL,
	`set_by` text NOT NULL,
	PRIMARY KEY(`namespace`, `key`)
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`hash` text PRIMARY KEY NOT NULL,
	`person` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sessions_person` ON `sessions` (`person`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`person` text,
	`name` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_hash` ON `tokens` (`hash`);--> statement-breakpoint
CREATE INDEX `tokens_person` ON `tokens` (`person`);--> statement-breakpoint
CREATE TABLE `workspaces` (
	`platform` text NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`role` text,
	`trusted_by` text,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`platform`, `id`)
);
