CREATE TABLE `__new_task_index` (
	`number` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`version` integer NOT NULL,
	`sequence` integer NOT NULL,
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
	`people` text NOT NULL,
	`parent` text
);
--> statement-breakpoint
INSERT INTO `__new_task_index`("number", "id", "version", "sequence", "project", "title", "app", "flow", "phase", "waiting_for", "outcome", "started_by", "created_at", "ended_at", "updated_at", "rehearsal", "people", "parent") SELECT "number", "id", "version", "sequence", "project", "title", "app", "flow", "phase", "waiting_for", "outcome", "started_by", "created_at", "ended_at", "updated_at", "rehearsal", "people", "parent" FROM `task_index`;--> statement-breakpoint
DROP TABLE `task_index`;--> statement-breakpoint
ALTER TABLE `__new_task_index` RENAME TO `task_index`;--> statement-breakpoint
CREATE UNIQUE INDEX `task_index_id` ON `task_index` (`id`);--> statement-breakpoint
CREATE INDEX `task_index_phase` ON `task_index` (`phase`,`updated_at`);--> statement-breakpoint
CREATE INDEX `task_index_updated` ON `task_index` (`updated_at`);--> statement-breakpoint
CREATE INDEX `task_index_app` ON `task_index` (`project`,`app`);--> statement-breakpoint
CREATE INDEX `task_index_started` ON `task_index` (`started_by`) WHERE "task_index"."started_by" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `task_index_parent` ON `task_index` (`parent`) WHERE "task_index"."parent" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `__new_launch_keys` (
	`project` text NOT NULL,
	`client` text NOT NULL,
	`key` text NOT NULL,
	`task` text NOT NULL,
	`number` integer NOT NULL,
	`input_hash` text NOT NULL,
	`at` integer NOT NULL,
	`request` text,
	PRIMARY KEY(`project`, `client`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_launch_keys` SELECT `project`, `client`, `key`, `task`, `number`, `input_hash`, `at`, `request` FROM `launch_keys`;--> statement-breakpoint
DROP TABLE `launch_keys`;--> statement-breakpoint
ALTER TABLE `__new_launch_keys` RENAME TO `launch_keys`;--> statement-breakpoint
CREATE INDEX `launch_keys_pending` ON `launch_keys` (`task`) WHERE "launch_keys"."request" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `__new_awake` (
	`task` text PRIMARY KEY NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_awake` SELECT `task` FROM `awake`;--> statement-breakpoint
DROP TABLE `awake`;--> statement-breakpoint
ALTER TABLE `__new_awake` RENAME TO `awake`;
