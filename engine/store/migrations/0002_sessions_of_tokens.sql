ALTER TABLE `sessions` ADD `token` text;--> statement-breakpoint
CREATE INDEX `sessions_token` ON `sessions` (`token`);