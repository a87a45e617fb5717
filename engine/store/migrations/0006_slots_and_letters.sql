CREATE TABLE `letter_counters` (
	`task` text PRIMARY KEY NOT NULL,
	`last` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `letters` (
	`task` text NOT NULL,
	`sequence` integer NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`task`, `sequence`)
);
--> statement-breakpoint
CREATE TABLE `slots` (
	`n` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`project` text NOT NULL,
	`key` text NOT NULL,
	`task` text NOT NULL,
	`most` integer NOT NULL,
	`state` text NOT NULL,
	`via` text,
	`digest` text NOT NULL,
	`ancestors` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `slots_task` ON `slots` (`task`);--> statement-breakpoint
CREATE INDEX `slots_key` ON `slots` (`project`,`key`,`n`);--> statement-breakpoint
ALTER TABLE `task_index` ADD `parent` text;--> statement-breakpoint
CREATE INDEX `task_index_parent` ON `task_index` (`parent`) WHERE "task_index"."parent" IS NOT NULL;