package websub

import (
	"crypto/hmac"
	"encoding/hex"
	"testing"
)

// signature signs body by a method.
func signature(method, secret string, body []byte) string {
	mac := hmac.New(hashes[method], []byte(secret))
	mac.Write(body)
	return method + "=" + hex.EncodeToString(mac.Sum(nil))
}

func TestEverySignatureThatWebSubKnowsIsChecked(t *testing.T) {
	body := []byte("<rss/>")
	for _, method := range []string{"sha1", "sha256", "sha384", "sha512"} {
		good := signature(method, "secret", body)
		for name, tt := range map[string]struct {
			header, secret string
			body           []byte
			want           bool
		}{
			"right":                      {good, "secret", body, true},
			"another secret":             {good, "other", body, false},
			"another body":               {good, "secret", []byte("<rss />"), false},
			"cut short":                  {good[:len(good)-2], "secret", body, false},
			"of another method":          {"sha1=" + good[len(method)+1:], "secret", body, method == "sha1"},
			"without its method":         {good[len(method)+1:], "secret", body, false},
			"of no digits":               {method + "=zz", "secret", body, false},
			"empty":                      {"", "secret", body, false},
			"where no secret was agreed": {signature(method, "", body), "", body, false},
		} {
			if got := Signed(tt.header, tt.secret, tt.body); got != tt.want {
				t.Errorf("%s, %s: %t", method, name, got)
			}
		}
	}
	if Signed(`md5=d41d8cd98f00b204e9800998ecf8427e`, "secret", body) {
		t.Error("a method that WebSub does not know is taken")
	}
}

func FuzzSignature(f *testing.F) {
	f.Add("sha256=00", []byte("body"))
	f.Add("SHA1 = ", []byte(""))
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		if Signed(header, "a secret that nobody guesses", body) {
			t.Errorf("%q signs %q", header, body)
		}
		for method := range hashes {
			if !Signed(signature(method, "secret", body), "secret", body) {
				t.Errorf("%s does not sign %q", method, body)
			}
		}
	})
}
