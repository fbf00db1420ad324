package config

import (
	"errors"
	"fmt"
	"slices"
)

// variable names the file if no flag does.
const variable = "COPYDESK_CONFIG"

// places are where a configuration lies if nobody names it.
func places() []string { return []string{"copydesk.toml", "/etc/copydesk/copydesk.toml"} }

// Find returns the path of the file to load: what the flag --config says, else
// $COPYDESK_CONFIG, else the first of ./copydesk.toml and
// /etc/copydesk/copydesk.toml that exists. A file that the flag or the variable
// names and that does not exist is an error: nobody wants another file instead.
func Find(flag string, env func(string) string, exists func(string) bool) (string, error) {
	named := env(variable)
	switch {
	case flag != "" && !exists(flag):
		return "", fmt.Errorf("no configuration: %s does not exist; --config names it", flag)
	case flag != "":
		return flag, nil
	case named != "" && !exists(named):
		return "", fmt.Errorf("no configuration: %s does not exist; $%s names it", named, variable)
	case named != "":
		return named, nil
	}
	if i := slices.IndexFunc(places(), exists); i >= 0 {
		return places()[i], nil
	}
	return "", errors.New("no configuration: --config and $" + variable + " name none, and there is neither ./copydesk.toml nor /etc/copydesk/copydesk.toml; " +
		"copy config.example.toml to one of these places")
}
