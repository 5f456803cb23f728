# The dashboard that Chorus began as, to compare with: plumber, tidytext, ggplot2 and plotly.
# PORT=8101 TIMELINES=timelines.csv PLOTLY_BASIC=plotly-basic.min.js Rscript server.R
# Usage of the table alone: Rscript server.R table TIMELINES ROUNDS, which prints seconds, rows and the peak memory.
suppressPackageStartupMessages({
  library(dplyr)
  library(tidyr)
  library(stringr)
  library(ggplot2)
  library(tidytext)
})

read_timelines <- function(path) {
  utils::read.csv(path, colClasses = "character", encoding = "UTF-8") |>
    as_tibble() |>
    mutate(created_at = as.POSIXct(created_at, format = "%Y-%m-%dT%H:%M:%SZ", tz = "UTC"))
}

select_posts <- function(timelines, users, n) {
  timelines |>
    filter(screen_name %in% str_split_1(users, ",")) |>
    group_by(screen_name) |>
    slice_head(n = as.integer(n)) |>
    ungroup()
}

count_words <- function(posts) {
  posts |>
    transmute(screen_name, day = as.Date(created_at), text) |>
    unnest_tokens(word, text) |>
    inner_join(get_sentiments("bing"), by = "word") |>
    count(screen_name, day, sentiment) |>
    pivot_wider(names_from = sentiment, values_from = n, values_fill = 0) |>
    mutate(score = positive - negative)
}

# rtweet counts and draws, as in the dashboard; for many posts this takes most of the time.
draw_frequency <- function(posts) {
  ts_plot(group_by(posts, screen_name), by = "days", trim = 1L) + geom_point() +
    labs(x = NULL, y = NULL, title = "Posts per day") + theme_minimal() + theme(legend.position = "bottom")
}

draw_sentiment <- function(posts) {
  ggplot(count_words(posts), aes(day, score, fill = screen_name)) + geom_col(show.legend = FALSE) +
    facet_wrap(vars(screen_name), ncol = 1, scales = "free_x") +
    labs(x = NULL, y = NULL, title = "Sentiment per day") + theme_minimal()
}

serve <- function() {
  suppressPackageStartupMessages({ library(plumber); library(plotly); library(rtweet) })
  timelines <- read_timelines(Sys.getenv("TIMELINES"))
  file.copy(Sys.getenv("PLOTLY_BASIC"), file.path(tempdir(), "plotly-basic-2.11.1.min.js"))  # partial_bundle() would download it
  add_chart <- function(api, path, draw) {
    api |>
      pr_get(path, \(users, n = 400) print(draw(select_posts(timelines, users, n))), serializer = serializer_png()) |>
      pr_get(str_c("/html", path), \(users, n = 400) partial_bundle(ggplotly(draw(select_posts(timelines, users, n)))),
             serializer = serializer_htmlwidget())
  }
  pr() |>
    pr_get("/health", \() list(status = "healthy")) |>
    add_chart("/frequency", draw_frequency) |>
    add_chart("/sentiment", draw_sentiment) |>
    pr_run(host = "127.0.0.1", port = as.integer(Sys.getenv("PORT")), docs = FALSE, quiet = TRUE)
}

print_table <- function(path, rounds) {
  posts <- read_timelines(path)
  seconds <- c()
  for (round in seq_len(rounds)) {
    before <- proc.time()
    rows <- count_words(posts)
    seconds <- c(seconds, sum((proc.time() - before)[c("user.self", "sys.self")]))
  }
  peak_kb <- as.numeric(str_extract(grep("VmHWM", readLines("/proc/self/status"), value = TRUE), "[0-9]+"))
  cat(jsonlite::toJSON(list(rows = nrow(rows), seconds = seconds, peak_mb = peak_kb / 1000), auto_unbox = TRUE), "\n")
}

arguments <- commandArgs(TRUE)
if (length(arguments) && arguments[1] == "table") print_table(arguments[2], as.integer(arguments[3])) else serve()
