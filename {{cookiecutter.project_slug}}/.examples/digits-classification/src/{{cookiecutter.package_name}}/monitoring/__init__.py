"""Are new rows still like the rows that the model in production learned from?"""
