#include "check.h"

int main() {
  for (const check::Test &test : check::tests()) {
    const int before = check::failures();
    test.run();
    std::cout << (check::failures() == before ? "ok   " : "FAIL ") << test.name << '\n';
  }
  std::cout << check::tests().size() << " tests, " << check::failures() << " failures\n";
  return check::failures() == 0 && !check::tests().empty() ? 0 : 1;
}
