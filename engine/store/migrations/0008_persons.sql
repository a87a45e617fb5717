CREATE TABLE `ceremonies` (
	`hash` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`person` text,
	`data` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `ceremonies_expires` ON `ceremonies` (`expires_at`);--> statement-breakpoint
CREATE TABLE `merges` (
	`id` text PRIMARY KEY NOT NULL,
	`keep` text NOT NULL,
	`gone` text NOT NULL,
	`state` text NOT NULL,
	`asked_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	`ended_by` text,
	`facts` text
);
--> statement-breakpoint
CREATE INDEX `merges_keep` ON `merges` (`keep`);--> statement-breakpoint
CREATE INDEX `merges_gone` ON `merges` (`gone`);--> statement-breakpoint
CREATE TABLE `passkeys` (
	`id` text PRIMARY KEY NOT NULL,
	`person` text NOT NULL,
	`public_key` text NOT NULL,
	`counter` integer NOT NULL,
	`transports` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer
);
--> statement-breakpoint
CREATE INDEX `passkeys_person` ON `passkeys` (`person`);--> statement-breakpoint
ALTER TABLE `codes` ADD `browser` text;--> statement-breakpoint
ALTER TABLE `people` ADD `kind` text DEFAULT 'person' NOT NULL;--> statement-breakpoint
ALTER TABLE `people` ADD `suspended_at` integer;--> statement-breakpoint
ALTER TABLE `people` ADD `suspended_by` text;--> statement-breakpoint
ALTER TABLE `people` ADD `suspended_why` text;--> statement-breakpoint
ALTER TABLE `people` ADD `merged_into` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `how` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `browser` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `last_seen_at` integer;--> statement-breakpoint
ALTER TABLE `sessions` ADD `proved_at` integer;