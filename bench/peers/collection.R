# Sentiment per account and week of a folder with JSON lines, as with tidytext: Rscript collection.R FOLDER, which prints the number of rows.
suppressPackageStartupMessages({
  library(dplyr)
  library(tidytext)
})

read_posts <- function(path) jsonlite::stream_in(file(path), verbose = FALSE)

weeks <- list.files(commandArgs(TRUE)[1], full.names = TRUE) |>
  lapply(read_posts) |>
  bind_rows() |>
  transmute(account, week = as.Date(cut(as.Date(substr(created_at, 1, 10)), "week")), text) |>
  unnest_tokens(word, text) |>
  inner_join(get_sentiments("bing"), by = "word") |>
  count(account, week, sentiment)
cat(nrow(weeks), "\n")
