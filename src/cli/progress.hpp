// Progress lines on a terminal: each replaces the one before.
#pragma once

#include <string>

namespace lyapcert {

// Silent when stderr is not a terminal.
class ProgressLine {
  public:
    ProgressLine();
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    void show(const std::string& text);
    void clear();

  private:
    bool terminal_;
    bool shown_ = false;
};

}  // namespace lyapcert
