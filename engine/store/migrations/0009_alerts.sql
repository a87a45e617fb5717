-- Only the last minute's: they count towards a digest.
DELETE FROM `alerts`;--> statement-breakpoint
CREATE TABLE `alert_settings` (
	`person` text PRIMARY KEY NOT NULL,
	`settings` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `held_alerts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`person` text NOT NULL,
	`platform` text NOT NULL,
	`place` text NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`task_id` text NOT NULL,
	`ask_id` text,
	`node_id` text,
	`why` text NOT NULL,
	`title` text,
	`text` text,
	`level` text,
	`reason` text NOT NULL,
	`due_at` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `held_alerts_due` ON `held_alerts` (`due_at`);--> statement-breakpoint
CREATE INDEX `held_alerts_person` ON `held_alerts` (`person`,`place`);--> statement-breakpoint
CREATE UNIQUE INDEX `held_alerts_subject` ON `held_alerts` (`task_id`,`subject`,`place`);--> statement-breakpoint
CREATE TABLE `mutes` (
	`person` text NOT NULL,
	`kind` text NOT NULL,
	`project` text NOT NULL,
	`name` text NOT NULL,
	`until` integer,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`person`, `kind`, `project`, `name`)
);
--> statement-breakpoint
CREATE TABLE `storms` (
	`place` text NOT NULL,
	`app` text NOT NULL,
	`started_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`first_task` text NOT NULL,
	`card_id` text NOT NULL,
	PRIMARY KEY(`place`, `app`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alerts_task` ON `alerts` (`place`,`app`,`task_id`);--> statement-breakpoint
CREATE INDEX `alerts_at` ON `alerts` (`at`);--> statement-breakpoint
CREATE INDEX `cards_at` ON `cards` (`place`,`subject`);