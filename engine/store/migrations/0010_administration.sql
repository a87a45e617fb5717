CREATE TABLE `statistics` (
	`project` text NOT NULL,
	`flow` text NOT NULL,
	`day` integer NOT NULL,
	`app` text NOT NULL,
	`node` text NOT NULL,
	`runs` integer NOT NULL,
	`succeeded` integer NOT NULL,
	`failed` integer NOT NULL,
	`revoked` integer NOT NULL,
	`retries` integer NOT NULL,
	`work_ms` integer NOT NULL,
	`wait_ms` integer NOT NULL,
	`sums` text NOT NULL,
	PRIMARY KEY(`project`, `flow`, `day`, `app`, `node`)
);
--> statement-breakpoint
CREATE INDEX `statistics_tasks` ON `statistics` (`project`,`day`) WHERE "statistics"."node" = '';--> statement-breakpoint
CREATE TABLE `statistics_pending` (
	`n` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `secrets` ADD `project` text DEFAULT 'default' NOT NULL;--> statement-breakpoint
ALTER TABLE `secrets` ADD `last_use` text;--> statement-breakpoint
CREATE INDEX `audit_person` ON `audit` (`person`,`id`);--> statement-breakpoint
CREATE INDEX `audit_what` ON `audit` (`what`,`id`);--> statement-breakpoint
CREATE INDEX `audit_target` ON `audit` (`target`,`id`);--> statement-breakpoint
CREATE INDEX `audit_refused` ON `audit` (`id`) WHERE "audit"."allowed" = 0;