# shellcheck shell=bash

# The analyzers run as part of a build, so that `./dev test` after it finds everything built. What neither they nor the
# whitespace check see of the style (the order of usings) is a test of tests/Architecture; `dotnet format` repairs all of it.
lint() {
  need_dotnet
  need_packages shellcheck
  step "shellcheck"
  # eng/dev/*.sh are checked where they are used.
  shellcheck --external-sources --check-sourced dev .ci/run eng/images/build.sh
  step "dotnet format whitespace"
  dotnet format whitespace --folder . --include src/ tests/ --verify-no-changes
  step "analyzers"
  dotnet build Orchestrator.sln -c Debug --nologo -v quiet
  say "lint is clean"
}
