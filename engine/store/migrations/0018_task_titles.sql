-- Titles of tasks by their pieces (titles.ts). It keeps no text, no positions and no lengths; what is made into words is made by us.
CREATE VIRTUAL TABLE `task_titles` USING fts5(`pieces`, content = '', columnsize = 0, detail = none, tokenize = 'ascii');
