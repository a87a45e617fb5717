CREATE TABLE `schedule_runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`project` text NOT NULL,
	`name` text NOT NULL,
	`key` text NOT NULL,
	`due_at` integer NOT NULL,
	`by` text,
	`state` text NOT NULL,
	`why` text,
	`message` text,
	`not_before` integer,
	`tries` integer NOT NULL,
	`count` integer NOT NULL,
	`task_id` text,
	`ended_at` integer,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `schedule_runs_key` ON `schedule_runs` (`project`,`name`,`key`);--> statement-breakpoint
CREATE INDEX `schedule_runs_due` ON `schedule_runs` (`state`,`not_before`);--> statement-breakpoint
CREATE INDEX `schedule_runs_of` ON `schedule_runs` (`project`,`name`,`due_at`);--> statement-breakpoint
CREATE INDEX `schedule_runs_task` ON `schedule_runs` (`task_id`);--> statement-breakpoint
CREATE TABLE `schedules` (
	`project` text NOT NULL,
	`name` text NOT NULL,
	`owner` text,
	`due_at` integer,
	`paused_at` integer,
	`paused_by` text,
	`paused_why` text,
	`paused_reason` text,
	PRIMARY KEY(`project`, `name`)
);
--> statement-breakpoint
CREATE INDEX `schedules_due` ON `schedules` (`due_at`);