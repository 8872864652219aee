-- Place of the message a draft answers.
ALTER TABLE drafts ADD COLUMN answers INTEGER;
