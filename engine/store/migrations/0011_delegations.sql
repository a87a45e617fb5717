CREATE TABLE `delegations` (
	`id` text PRIMARY KEY NOT NULL,
	`from_person` text NOT NULL,
	`to_person` text NOT NULL,
	`from_at` integer NOT NULL,
	`until_at` integer NOT NULL,
	`reason` text,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`ended_at` integer,
	`ended_by` text
);
--> statement-breakpoint
CREATE INDEX `delegations_from` ON `delegations` (`from_person`);--> statement-breakpoint
CREATE INDEX `delegations_to` ON `delegations` (`to_person`);--> statement-breakpoint
CREATE INDEX `delegations_until` ON `delegations` (`until_at`);