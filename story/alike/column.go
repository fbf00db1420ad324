package alike

import (
	"strings"
	"sync"
)

// columnWords are the words of standing headlines: briefings, live pages,
// galleries, forecasts, and the names of days. Sources share them as they
// share the days of the week, so they are no evidence of the same news, and
// pages that go on for days draw nothing to themselves by them.
const columnWords = `
live briefing newsletter digest roundup recap horoscope horoscopes crossword quiz podcast photos pictures gallery
explainer explained editorial letters editor weather forecast today tonight tomorrow yesterday morning afternoon evening weekly daily week weekend
headlines news need know takeaways blog liveblog around world worldwide
monday tuesday wednesday thursday friday saturday sunday
wetter heute morgen gestern abend nachrichten ticker liveticker liveblog überblick woche wochenende bilder kommentar leserbriefe horoskop eilmeldung
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
noticias hoy ayer mañana tiempo pronóstico resumen boletín última últimas hora directo vivo fotos horóscopo semana
lunes martes miércoles jueves viernes sábado domingo
actualité actualités direct météo résumé revue aujourd semaine horoscope lundi mardi mercredi jeudi vendredi samedi dimanche
notícias hoje ontem vivo previsão resumo horóscopo segunda terça quarta quinta sexta
notizie oggi meteo diretta oroscopo settimana nieuws vandaag weer overzicht
天气 预报 早报 晚报 新闻 今日 今天 快讯 直播 要闻 天気 予報 今日 速報 朝刊 夕刊 生中 中継 ニュ ュー ース
أخبار الأخبار اليوم الطقس مباشر نشرة عاجل موجز मौसम आज समाचार ताजा खबर खबरें लाइव अपडेट
новости сегодня погода прогноз онлайн трансляция обзор гороскоп
`

var columns = sync.OnceValue(func() map[uint32]bool {
	set := map[uint32]bool{}
	for w := range strings.FieldsSeq(columnWords) {
		split(w, func(w []byte) bool {
			set[hashOf(stem(string(w)))] = true
			return true
		})
	}
	return set
})
