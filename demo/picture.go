package demo

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
)

// The size of every picture, in pixels.
const (
	pictureWidth  = 160
	pictureHeight = 90
)

// picture paints a sun over the sea, in colours and at a height that depend on
// name, so that feeds have pictures of our own making.
func picture(name string) []byte {
	h := fnv.New32a()
	h.Write([]byte(name))
	sum := h.Sum32()
	sky := color.RGBA{uint8(150 + sum%90), uint8(160 + sum>>8%80), uint8(190 + sum>>16%60), 255}
	sea := color.RGBA{uint8(sum >> 4 % 60), uint8(70 + sum>>12%70), uint8(110 + sum>>20%80), 255}
	img := image.NewPaletted(image.Rect(0, 0, pictureWidth, pictureHeight), color.Palette{sky, sea, color.RGBA{250, 215, 130, 255}})
	sunX, sunY := 30+int(sum%100), 20+int(sum>>6%35)
	for y := range pictureHeight {
		for x := range pictureWidth {
			dx, dy := x-sunX, y-sunY
			switch {
			case y > 60:
				img.SetColorIndex(x, y, 1)
			case dx*dx+dy*dy < 15*15:
				img.SetColorIndex(x, y, 2)
			}
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		panic(fmt.Sprintf("demo: paint %s: %v", name, err)) // a paletted image into memory cannot fail
	}
	return buf.Bytes()
}
