CREATE INDEX `grants_role` ON `grants` (`project`,`role`);--> statement-breakpoint
CREATE INDEX `people_role` ON `people` (`role`,`name`,`id`);