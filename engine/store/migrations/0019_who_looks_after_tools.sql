ALTER TABLE `people` ADD `keeper` text;--> statement-breakpoint
CREATE INDEX `people_keeper` ON `people` (`keeper`);--> statement-breakpoint
ALTER TABLE `tokens` ADD `made_by` text;--> statement-breakpoint
CREATE INDEX `tokens_made_by` ON `tokens` (`made_by`);