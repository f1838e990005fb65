#!/bin/sh
# Two people change one project: Ana a word of the report, Ben the confidence level. Both run.
set -e
run=.venv/bin/us-wage-analysis
git add --all
git commit --quiet --message "What there was" || true
start=$(git rev-parse HEAD)

git switch --quiet --create ben "$start"
sed -i.old "s/^confidence_level = 0.95/confidence_level = 0.9/" configs/wage_analysis.toml
rm configs/wage_analysis.toml.old
$run run
git add --all
git commit --quiet --message "Ben: intervals at 90 %"

git switch --quiet --create ana "$start"
sed -i.old 's/^## Next steps$/## What to do next/' src/us_wage_analysis/report.md.j2
rm src/us_wage_analysis/report.md.j2.old
$run run
git add --all
git commit --quiet --message "Ana: a plainer heading"
