CREATE INDEX `task_index_app` ON `task_index` (`project`,`app`);--> statement-breakpoint
CREATE INDEX `task_index_started` ON `task_index` (`started_by`) WHERE "task_index"."started_by" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `people_name` ON `people` (`name`,`id`);