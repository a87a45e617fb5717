DROP INDEX `slots_key`;--> statement-breakpoint
CREATE INDEX `slots_line` ON `slots` (`project`,`key`,`state`,`n`);--> statement-breakpoint
CREATE INDEX `slots_via` ON `slots` (`via`) WHERE "slots"."via" IS NOT NULL;