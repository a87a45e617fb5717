CREATE TABLE `archive` (
	`id` text PRIMARY KEY NOT NULL,
	`number` integer NOT NULL,
	`project` text NOT NULL,
	`version` integer NOT NULL,
	`ended_at` integer NOT NULL,
	`archived_at` integer NOT NULL,
	`row` text NOT NULL,
	`body` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `archive_number` ON `archive` (`number`);--> statement-breakpoint
CREATE TABLE `heads` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`task` text NOT NULL,
	`version` integer NOT NULL,
	`hash` blob NOT NULL,
	`at` integer NOT NULL,
	`mac` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `heads_task` ON `heads` (`task`);--> statement-breakpoint
CREATE TABLE `retention` (
	`project` text PRIMARY KEY NOT NULL,
	`tasks_days` integer,
	`logs_days` integer
);
--> statement-breakpoint
ALTER TABLE `audit` ADD `hash` text;--> statement-breakpoint
ALTER TABLE `audit` ADD `mac` text;--> statement-breakpoint
CREATE INDEX `callback_tokens_task` ON `callback_tokens` (`task`);